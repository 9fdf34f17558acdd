#include "repl/raw_reentry.hpp"

#include <algorithm>

namespace mpbridge::repl {
namespace {

// Longer than any banner; what is longer is no banner.
constexpr std::size_t longest_banner = 1024;

// From where on the text may become a banner with its prompt. A start-up script need not have
// ended its last line.
std::size_t begin_of_candidate(std::string_view text) {
    const auto banner = text.find(banner_start);
    if (banner != std::string_view::npos) {
        return banner;
    }
    for (auto at = text.size() - std::min(text.size(), banner_start.size()); at < text.size();
         ++at) {
        const auto end = text.substr(at);
        if (banner_start.starts_with(end) || friendly_prompt_text.starts_with(end)) {
            return at;
        }
    }
    return text.size();
}

// The text before the banner that stands right before the prompt, which ends the text.
std::string_view without_banner(std::string_view text) {
    constexpr auto most_lines = 2;
    text.remove_suffix(std::min(text.size(), friendly_prompt_text.size()));
    const auto banner = text.rfind(banner_start);
    if (banner == std::string_view::npos ||
        std::count(text.begin() + static_cast<std::ptrdiff_t>(banner), text.end(), '\n') >
            most_lines) {
        return text;
    }
    return text.substr(0, banner);
}

} // namespace

RawReentry::Action RawReentry::output(const ModeTracker::Step& step, base::Bytes& to) {
    held_ += base::text_of(step.output);
    if (!ctrl_a_sent_) {
        if (step.mark == ModeTracker::Mark::friendly_prompt) {
            base::append(to, base::bytes_of(without_banner(held_)));
            held_.clear();
            ctrl_a_sent_ = true;
            return Action::send_ctrl_a;
        }
        release_all_but_candidate(to);
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

void RawReentry::release_all_but_candidate(base::Bytes& to) {
    auto released = begin_of_candidate(held_);
    if (held_.size() - released > longest_banner) {
        released = held_.size();
    }
    base::append(to, base::bytes_of(std::string_view(held_).substr(0, released)));
    held_.erase(0, released);
}

} // namespace mpbridge::repl
