#include "repl/mode_tracker.hpp"

#include "base/search.hpp"

#include <algorithm>

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
    if (contains(text, ctrl_a) || contains(text, ctrl_b)) {
        remember_controls(text);
    }
    paste_requested_ = requests_paste(text) || paste_requested_;
}

// Data may be full of them, so equal neighbours count once and only the newest are kept.
void ModeTracker::remember_controls(std::string_view text) {
    constexpr std::size_t most = 64;
    for (const char byte : text) {
        const bool control = byte == static_cast<char>(ctrl_a) || byte == static_cast<char>(ctrl_b);
        if (control && !controls_.ends_with(byte)) {
            controls_ += byte;
        }
    }
    controls_.erase(0, controls_.size() - std::min(controls_.size(), most));
}

bool ModeTracker::was_sent(std::uint8_t control) const { return contains(controls_, control); }

// What was sent before it has been read too.
void ModeTracker::answered(std::uint8_t control) {
    controls_.erase(0, controls_.find(static_cast<char>(control)) + 1);
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
    if (recent_ends_with(">>>")) {
        return 1;
    }
    const auto before_anchor =
        paste_requested_ ? base::find_either(output, '>', '\x01') : base::find(output, '>');
    return std::min(before_anchor + 1, output.size());
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
        // Right behind a raw prompt comes no output: that was a program's, not a prompt.
        const bool never_was_raw = before.ends_with(raw_prompt_text);
        const bool after_banner =
            before.find(std::string("\r\n").append(banner_start)) != std::string_view::npos;
        if (!never_was_raw && !(was_sent(ctrl_b) && after_banner)) {
            return Mark::none;
        }
        if (!never_was_raw) {
            answered(ctrl_b);
        }
        mode_ = Mode::friendly;
    }
    return Mark::friendly_prompt;
}

ModeTracker::Mark ModeTracker::raw_prompt_here(bool executing) {
    if (mode_ == Mode::raw) {
        return recent_ends_with(raw_prompt_text) || recent_ends_with("\x04>") ? Mark::raw_prompt
                                                                              : Mark::none;
    }
    if (!was_sent(ctrl_a) || !recent_ends_with(raw_prompt_text)) {
        return Mark::none;
    }
    const auto at_empty_prompt =
        std::string(friendly_prompt_text).append("\r\n").append(raw_prompt_text);
    if (executing && !recent_ends_with(at_empty_prompt)) {
        return Mark::none;
    }
    mode_ = Mode::raw;
    answered(ctrl_a);
    recent_ = raw_prompt_text; // forget banners from before
    return Mark::raw_prompt;
}

bool ModeTracker::paste_header_here() const {
    const auto before = recent_.size() - std::min(recent_.size(), raw_paste_header_size);
    const auto header = std::string_view(recent_).substr(before);
    return paste_requested_ && mode_ == Mode::raw && header.ends_with('\x01') &&
           header.starts_with(raw_paste_accepted) &&
           std::string_view(recent_).substr(0, before).ends_with('>');
}

bool ModeTracker::recent_ends_with(std::string_view text) const {
    return std::string_view(recent_).ends_with(text);
}

} // namespace mpbridge::repl
