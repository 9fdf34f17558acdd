#include "telnet/decoder.hpp"

#include "base/search.hpp"

#include <algorithm>
#include <utility>

namespace mpbridge::telnet {
namespace {

// Data in shorter pieces than this is gathered: an event for each costs the owner more (a write to
// the program, for example) than copying them.
constexpr std::size_t gathered_below = 512;

// Fewer bytes than this without anything to be undone are not worth to be copied at once, and so
// many are looked at one by one.
constexpr std::size_t dense = 16;
constexpr std::size_t window = 64;

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

// Stops before an IAC that is not doubled, or whose next byte is not here yet.
base::ByteView Decoder::gather(base::ByteView& input) {
    std::size_t written = 0;
    bool stopped = false;
    while (!stopped) {
        const auto fitting = input.first(std::min(input.size(), buffer_.size() - written));
        const auto run = after_cr_ ? 0 : plain_run(fitting);
        std::copy_n(pop(input, run).begin(), run, buffer_.begin() + written);
        written += run;
        const auto rest = fitting.subspan(run);
        const auto piece = rest.first(std::min<std::size_t>(rest.size(), run < dense ? window : 2));
        const auto gathered = gather_bytewise(piece, buffer_.data() + written);
        pop(input, gathered.taken);
        written += gathered.written;
        stopped = gathered.taken == 0;
    }
    return base::ByteView(buffer_).first(written);
}

Decoder::Gathered Decoder::gather_bytewise(base::ByteView input, std::uint8_t* to) {
    // In variables of its own, of which the compiler knows that writing to `to` changes none.
    const auto swallows_lf = newline_ == Newline::one_cr;
    const bool nvt = !binary_;
    bool after_cr = after_cr_;
    Gathered done;
    while (done.taken < input.size()) {
        const auto byte = input[done.taken];
        if (byte == iac) {
            if (done.taken + 1 == input.size() || input[done.taken + 1] != iac) {
                break;
            }
            ++done.taken;
        }
        ++done.taken;
        const bool swallowed = after_cr && (byte == nul || (byte == lf && swallows_lf));
        to[done.written] = byte;
        done.written += swallowed ? 0 : 1;
        after_cr = nvt && byte == cr;
    }
    after_cr_ = after_cr;
    return done;
}

// How many bytes come before the next IAC or, in an NVT, the next CR.
std::size_t Decoder::plain_run(base::ByteView input) const {
    return binary_ ? base::find(input, iac) : base::find_either(input, cr, iac);
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
    const auto bytes = pop(input, base::find(input, iac));
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
    if (bytes.size() > 1 + max_subnegotiation - stored_) {
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
