#include "repl/newline_filter.hpp"

#include <algorithm>
#include <cstring>

namespace mpbridge::repl {
namespace {

constexpr std::uint8_t mount_message = 0x18;

constexpr std::uint32_t bit(unsigned byte) { return std::uint32_t{1} << byte; }

// BEL to CR without SO and SI, and ESC.
constexpr std::uint32_t text_controls =
    bit(0x07) | bit(0x08) | bit(0x09) | bit(0x0A) | bit(0x0B) | bit(0x0C) | bit(0x0D) | bit(0x1B);

// The raw REPL frames its output with these.
constexpr std::uint32_t raw_repl_controls = text_controls | bit(0x01) | bit(0x04);

bool is_text(base::ByteView output, std::uint32_t allowed) {
    return std::all_of(output.begin(), output.end(), [=](std::uint8_t byte) {
        return byte >= 0x20 || (allowed & bit(byte)) != 0;
    });
}

void append_with_crlf(base::Bytes& to, base::ByteView output, std::uint8_t before) {
    auto rest = output;
    while (!rest.empty()) {
        const auto* found = std::memchr(rest.data(), '\n', rest.size());
        if (found == nullptr) {
            break;
        }
        const auto at =
            static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - rest.data());
        base::append(to, rest.first(at));
        if ((at > 0 ? rest[at - 1] : before) != '\r') {
            to.push_back('\r');
        }
        to.push_back('\n');
        before = '\n';
        rest = rest.subspan(at + 1);
    }
    base::append(to, rest);
}

} // namespace

void NewlineFilter::translate(const ModeTracker::Step& step, Mode mode, bool is_micropython,
                              base::Bytes& to) {
    if (step.output.empty()) {
        return;
    }
    const bool program_output = is_micropython && step.mark != ModeTracker::Mark::paste_begins;
    if (program_output && changes(step.output, mode)) {
        append_with_crlf(to, step.output, last_);
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
    const auto allowed = mode == Mode::raw ? raw_repl_controls : text_controls;
    if (!binary_protocol_ && !is_text(output, allowed)) {
        binary_ = true;
        binary_protocol_ = std::find(output.begin(), output.end(), mount_message) != output.end();
    }
    return !binary_ && !binary_protocol_;
}

} // namespace mpbridge::repl
