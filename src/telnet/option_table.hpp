#pragma once

#include "telnet/codes.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace mpbridge::telnet {

// Whose use of an option is meant: ours (our WILL, their DO) or theirs (their WILL, our DO).
enum class Side : std::uint8_t { us, them };

// What one step of a negotiation led to.
struct Outcome {
    Side side = Side::us;
    std::optional<Verb> send; // to be sent now
    bool changed = false;     // the option went on or off
    bool refused = false;     // the peer wanted it, and may not
};

// All options of one connection, negotiated after the Q method (RFC 1143), which cannot loop. An
// option is off at first, and stays so unless it is allowed or requested.
class OptionTable {
  public:
    // Whether the peer's wish to switch an option on is agreed to.
    void allow(Side side, Option option);

    Outcome receive(Verb verb, Option option);

    // Our own wish; nothing is sent if it is fulfilled already or under way.
    Outcome request(Side side, Option option, bool on);

    // On until the peer has confirmed that it is off.
    bool enabled(Side side, Option option) const;

  private:
    // RFC 1143 section 7: the state, with the queue bit when that is OPPOSITE.
    enum class State : std::uint8_t {
        no,
        yes,
        want_no,
        want_no_opposite,
        want_yes,
        want_yes_opposite,
    };
    enum class Input : std::uint8_t { agreed_wish, refused_wish, decline, request_on, request_off };
    enum class Answer : std::uint8_t { none, on, off };
    struct Transition {
        State next;
        Answer answer;
    };
    using Row = std::array<Transition, 5>;  // by Input
    using Transitions = std::array<Row, 6>; // by State
    struct Entry {
        State state = State::no;
        bool allowed = false;
    };

    static const Transitions transitions;

    static bool is_on(State state);
    Outcome apply(Side side, Option option, Input input);
    Entry& entry(Side side, Option option);

    std::array<std::array<Entry, 256>, 2> entries_{};
};

} // namespace mpbridge::telnet
