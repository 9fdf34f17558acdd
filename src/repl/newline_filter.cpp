#include "repl/newline_filter.hpp"

#include "base/expand.hpp"
#include "base/search.hpp"

#include <algorithm>

namespace mpbridge::repl {
namespace {

constexpr std::uint8_t mount_message = 0x18;

// BEL to CR, so without SO and SI, and ESC. The raw REPL frames its output with two more.
template <Mode InMode>
bool is_text_byte(std::uint8_t byte) {
    return byte >= 0x20 || (byte >= 0x07 && byte <= 0x0D) || byte == 0x1B ||
           (InMode == Mode::raw && (byte == 0x01 || byte == 0x04));
}

template <Mode InMode>
bool is_text(base::ByteView output) {
    // A loop over so many bytes, without an exit, is one for which the compiler takes many at once.
    constexpr std::size_t window = 64;
    while (output.size() >= window) {
        std::uint8_t other = 0;
        for (const auto byte : output.first<window>()) {
            other |= static_cast<std::uint8_t>(!is_text_byte<InMode>(byte));
        }
        if (other != 0) {
            return false;
        }
        output = output.subspan(window);
    }
    return std::all_of(output.begin(), output.end(), is_text_byte<InMode>);
}

// LF becomes CR LF unless there is a CR before it.
struct BoardLineEnds {
    static constexpr std::size_t longest = 2;

    static std::size_t plain(base::ByteView data, std::uint8_t) { return base::find(data, '\n'); }

    static std::uint8_t* put(std::uint8_t* to, std::uint8_t byte, std::uint8_t before) {
        if (byte == '\n' && before != '\r') {
            *to++ = '\r';
        }
        *to++ = byte;
        return to;
    }
};

} // namespace

void NewlineFilter::translate(const ModeTracker::Step& step, Mode mode, bool is_micropython,
                              base::Bytes& to) {
    if (step.output.empty()) {
        return;
    }
    const bool program_output = is_micropython && step.mark != ModeTracker::Mark::paste_begins;
    if (program_output && changes(step.output, mode)) {
        base::append_expanded<BoardLineEnds>(to, step.output, last_);
    } else {
        base::append(to, step.output);
    }
    last_ = step.output.back();
    if (step.mark != ModeTracker::Mark::none) {
        binary_ = false;
    }
}

bool NewlineFilter::changes(base::ByteView output, Mode mode) {
    const bool wanted = policy_ == NewlinePolicy::crlf ||
                        (policy_ == NewlinePolicy::automatic && mode == Mode::friendly);
    if (!wanted) {
        return false;
    }
    const auto is_text_here = mode == Mode::raw ? is_text<Mode::raw> : is_text<Mode::friendly>;
    if (!binary_protocol_ && !is_text_here(output)) {
        binary_ = true;
        binary_protocol_ = base::find(output, mount_message) < output.size();
    }
    return !binary_ && !binary_protocol_;
}

} // namespace mpbridge::repl
