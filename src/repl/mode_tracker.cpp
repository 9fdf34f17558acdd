#include "repl/mode_tracker.hpp"

#include <algorithm>
#include <cstring>

namespace mpbridge::repl {
namespace {

constexpr std::size_t remembered = 512;

void keep_newest(std::string& text, std::string_view more, std::size_t limit) {
    text += more.substr(more.size() - std::min(more.size(), limit));
    if (text.size() > 2 * limit) {
        text.erase(0, text.size() - limit);
    }
}

bool contains(std::string_view text, std::uint8_t byte) {
    return text.find(static_cast<char>(byte)) != std::string_view::npos;
}

} // namespace

void ModeTracker::input(base::ByteView written) {
    const auto text = base::text_of(written);
    ctrl_a_sent_ = ctrl_a_sent_ || contains(text, ctrl_a);
    ctrl_b_sent_ = ctrl_b_sent_ || contains(text, ctrl_b);
    paste_requested_ = paste_requested_ || requests_paste(text);
}

// Also when the request is split over several writes.
bool ModeTracker::requests_paste(std::string_view text) {
    constexpr auto overlap = raw_paste_request.size() - 1;
    const auto seam = input_end_ + std::string(text.substr(0, overlap));
    const auto end = text.size() < overlap ? std::string_view(seam) : text;
    input_end_ = end.substr(end.size() - std::min(end.size(), overlap));
    return seam.find(raw_paste_request) != std::string::npos ||
           text.find(raw_paste_request) != std::string_view::npos;
}

ModeTracker::Step ModeTracker::next(base::ByteView& output, bool executing) {
    std::size_t taken = 0;
    Mark mark = Mark::none;
    while (taken < output.size() && mark == Mark::none) {
        const auto rest = output.subspan(taken);
        const auto length = up_to_anchor(rest);
        remember(rest.first(length));
        taken += length;
        mark = mark_here(executing);
    }
    const Step step{output.first(taken), mark};
    output = output.subspan(taken);
    return step;
}

// All that matters ends in '>', is the byte behind ">>>", or is the end of a raw-paste header.
std::size_t ModeTracker::up_to_anchor(base::ByteView output) const {
    if (recent_ends_with(">>>") || (paste_requested_ && mode_ == Mode::raw)) {
        return 1;
    }
    const auto* anchor = std::memchr(output.data(), '>', output.size());
    if (anchor == nullptr) {
        return output.size();
    }
    return static_cast<std::size_t>(static_cast<const std::uint8_t*>(anchor) - output.data()) + 1;
}

void ModeTracker::remember(base::ByteView output) {
    keep_newest(recent_, base::text_of(output), remembered);
}

ModeTracker::Mark ModeTracker::mark_here(bool executing) {
    if (recent_ends_with(friendly_prompt_text)) {
        return friendly_prompt_here();
    }
    if (recent_ends_with(">")) {
        return raw_prompt_here(executing);
    }
    if (paste_header_here()) {
        paste_requested_ = false;
        return Mark::paste_begins;
    }
    return Mark::none;
}

ModeTracker::Mark ModeTracker::friendly_prompt_here() {
    const auto before =
        std::string_view(recent_).substr(0, recent_.size() - friendly_prompt_text.size());
    is_micropython_ = is_micropython_ || before.empty() || before.back() == '\n';
    if (mode_ == Mode::raw) {
        const auto banner = before.rfind(std::string("\r\n").append(banner_start));
        if (!ctrl_b_sent_ || banner == std::string_view::npos) {
            return Mark::none;
        }
        mode_ = Mode::friendly;
        ctrl_b_sent_ = false;
    }
    paste_requested_ = false;
    return Mark::friendly_prompt;
}

ModeTracker::Mark ModeTracker::raw_prompt_here(bool executing) {
    if (mode_ == Mode::raw) {
        if (!recent_ends_with(raw_prompt_text) && !recent_ends_with("\x04>")) {
            return Mark::none;
        }
        paste_requested_ = false;
        return Mark::raw_prompt;
    }
    if (!ctrl_a_sent_ || !recent_ends_with(raw_prompt_text)) {
        return Mark::none;
    }
    const auto at_empty_prompt =
        std::string(friendly_prompt_text).append("\r\n").append(raw_prompt_text);
    if (executing && !recent_ends_with(at_empty_prompt)) {
        return Mark::none;
    }
    mode_ = Mode::raw;
    ctrl_a_sent_ = false;
    recent_ = raw_prompt_text; // forget banners from before
    return Mark::raw_prompt;
}

bool ModeTracker::paste_header_here() const {
    return paste_requested_ && mode_ == Mode::raw && recent_.back() == '\x01' &&
           recent_.size() >= raw_paste_header_size &&
           recent_.compare(recent_.size() - raw_paste_header_size, raw_paste_accepted.size(),
                           raw_paste_accepted) == 0;
}

bool ModeTracker::recent_ends_with(std::string_view text) const {
    return std::string_view(recent_).ends_with(text);
}

} // namespace mpbridge::repl
