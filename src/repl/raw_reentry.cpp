#include "repl/raw_reentry.hpp"

#include <algorithm>

namespace mpbridge::repl {
namespace {

// Longer than any banner; what is longer is no banner.
constexpr std::size_t longest_banner = 1024;

// Where a banner, or what may become one, begins: at the beginning of a line.
std::size_t banner_begin(std::string_view text) {
    for (std::size_t line = 0; line < text.size();) {
        const auto head = text.substr(line, banner_start.size());
        if (banner_start.starts_with(head)) {
            return line;
        }
        const auto end = text.find('\n', line);
        if (end == std::string_view::npos) {
            break;
        }
        line = end + 1;
    }
    return text.size();
}

} // namespace

RawReentry::Action RawReentry::output(const ModeTracker::Step& step, base::Bytes& to) {
    held_ += base::text_of(step.output);
    if (!ctrl_a_sent_) {
        if (step.mark == ModeTracker::Mark::friendly_prompt) {
            held_.resize(held_.size() - std::min(held_.size(), friendly_prompt_text.size()));
            release_all_but_banner(to);
            held_.clear();
            ctrl_a_sent_ = true;
            return Action::send_ctrl_a;
        }
        release_all_but_banner(to);
        return Action::none;
    }
    if (step.mark == ModeTracker::Mark::raw_prompt) {
        base::append(to, base::bytes_of(raw_prompt_text));
        held_.clear();
        return Action::done;
    }
    if (held_.size() > longest_banner) {
        give_up(to);
    }
    return Action::none;
}

void RawReentry::give_up(base::Bytes& to) {
    base::append(to, base::bytes_of(held_));
    held_.clear();
}

void RawReentry::release_all_but_banner(base::Bytes& to) {
    auto released = banner_begin(held_);
    if (held_.size() - released > longest_banner) {
        released = held_.size();
    }
    base::append(to, base::bytes_of(std::string_view(held_).substr(0, released)));
    held_.erase(0, released);
}

} // namespace mpbridge::repl
