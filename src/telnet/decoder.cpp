#include "telnet/decoder.hpp"

#include "telnet/search.hpp"

#include <algorithm>
#include <utility>

namespace mpbridge::telnet {
namespace {

// An NVT is searched in pieces of this size, for two bytes at once: searching all of the input for
// the one would be done again for each of the other.
constexpr std::size_t nvt_window = 256;

// Data in shorter pieces than this is gathered.
constexpr std::size_t gathered_below = 64;

std::uint8_t pop(base::ByteView& input) {
    const auto byte = input.front();
    input = input.subspan(1);
    return byte;
}

base::ByteView pop(base::ByteView& input, std::size_t count) {
    const auto bytes = input.first(count);
    input = input.subspan(count);
    return bytes;
}

bool is_verb(Command command) { return command >= Command::will && command <= Command::dont; }

bool stands_alone(Command command) {
    return command >= Command::eof && command <= Command::ga && command != Command::se;
}

} // namespace

std::optional<Event> Decoder::next(base::ByteView& input) {
    while (!input.empty()) {
        if (auto event = step(input)) {
            return event;
        }
    }
    return std::nullopt;
}

void Decoder::set_binary(bool on) {
    if (binary_ != on) {
        binary_ = on;
        after_cr_ = false;
    }
}

std::optional<Event> Decoder::step(base::ByteView& input) {
    switch (state_) {
    case State::data:
        return take_data(input);
    case State::after_iac:
        return take_command(input);
    case State::after_verb:
        state_ = State::data;
        return Negotiation{verb_, pop(input)};
    case State::payload:
        return take_payload(input);
    case State::payload_after_iac:
        return take_payload_after_iac(input);
    }
    return std::nullopt;
}

std::optional<Event> Decoder::take_data(base::ByteView& input) {
    const bool doubled = input.size() >= 2 && input[1] == iac;
    if (input.front() == iac && !doubled) {
        state_ = State::after_iac;
        pop(input);
        return std::nullopt;
    }
    if (swallows(input.front())) {
        pop(input);
        return std::nullopt;
    }
    const auto run = plain_run(input);
    if (run < gathered_below && run < input.size()) {
        return Data{gather(input)};
    }
    return Data{pop(input, run)};
}

// Whether this byte is the second one of a line end, of which the first was data already.
bool Decoder::swallows(std::uint8_t byte) {
    return std::exchange(after_cr_, false) &&
           (byte == nul || (byte == lf && newline_ == Newline::one_cr));
}

// Data that is dense with IACs or line ends would be an event for every few bytes; it is cheaper to
// copy. Stops before an IAC that is not doubled, or whose next byte is not here yet.
base::ByteView Decoder::gather(base::ByteView& input) {
    std::size_t read = 0;
    std::size_t written = 0;
    while (read < input.size() && written < buffer_.size()) {
        const auto byte = input[read];
        if (byte == iac) {
            if (read + 1 == input.size() || input[read + 1] != iac) {
                break;
            }
            ++read;
        }
        ++read;
        if (!swallows(byte)) {
            buffer_[written++] = byte;
            after_cr_ = !binary_ && byte == cr;
        }
    }
    pop(input, read);
    return base::ByteView(buffer_).first(written);
}

// How many bytes come before the next IAC or, in an NVT, the next CR.
std::size_t Decoder::plain_run(base::ByteView input) const {
    if (binary_) {
        return find(input, iac);
    }
    for (std::size_t offset = 0; offset < input.size(); offset += nvt_window) {
        const auto window = input.subspan(offset, std::min(nvt_window, input.size() - offset));
        const auto plain = find(window.first(find(window, iac)), cr);
        if (plain < window.size()) {
            return offset + plain;
        }
    }
    return input.size();
}

std::optional<Event> Decoder::take_command(base::ByteView& input) {
    state_ = State::data;
    if (input.front() == iac) {
        after_cr_ = false;
        return Data{pop(input, 1)};
    }
    return begin_command(static_cast<Command>(pop(input)));
}

std::optional<Event> Decoder::begin_command(Command command) {
    if (is_verb(command)) {
        verb_ = static_cast<Verb>(command);
        state_ = State::after_verb;
        return std::nullopt;
    }
    if (command == Command::sb) {
        stored_ = 0;
        oversized_ = false;
        state_ = State::payload;
        return std::nullopt;
    }
    if (stands_alone(command)) {
        return CommandReceived{command};
    }
    return Malformed{command == Command::se ? "SE without SB" : "unknown command"};
}

std::optional<Event> Decoder::take_payload(base::ByteView& input) {
    const auto bytes = pop(input, find(input, iac));
    if (!input.empty()) {
        pop(input);
        state_ = State::payload_after_iac;
    }
    return store(bytes);
}

std::optional<Event> Decoder::take_payload_after_iac(base::ByteView& input) {
    if (input.front() == iac) {
        state_ = State::payload;
        return store(pop(input, 1));
    }
    if (input.front() == static_cast<std::uint8_t>(Command::se)) {
        pop(input);
        state_ = State::data;
        return end_subnegotiation();
    }
    // The end got lost. The command is left in the input, and means what it always means.
    state_ = State::after_iac;
    if (oversized_) {
        return std::nullopt;
    }
    return Malformed{"truncated subnegotiation"};
}

std::optional<Event> Decoder::store(base::ByteView bytes) {
    if (oversized_) {
        return std::nullopt;
    }
    if (bytes.size() > buffer_.size() - stored_) {
        oversized_ = true;
        return Malformed{"oversized subnegotiation"};
    }
    std::copy(bytes.begin(), bytes.end(), buffer_.data() + stored_);
    stored_ += bytes.size();
    return std::nullopt;
}

std::optional<Event> Decoder::end_subnegotiation() {
    if (oversized_) {
        return std::nullopt;
    }
    if (stored_ == 0) {
        return Malformed{"subnegotiation without an option"};
    }
    const auto all = base::ByteView(buffer_).first(stored_);
    return Subnegotiation{all.front(), all.subspan(1)};
}

} // namespace mpbridge::telnet
