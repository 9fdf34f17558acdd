#pragma once

#include "base/bytes.hpp"
#include "telnet/codes.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

namespace mpbridge::telnet {

// User data, unescaped. Nearly always a part of the input that was given to next(), never copied;
// dense escapes are undone in the decoder's own memory. Valid until the next call.
struct Data {
    base::ByteView bytes;
};

// A command that stands alone: never SB, SE, IAC or one of the four verbs.
struct CommandReceived {
    Command command;
};

struct Negotiation {
    Verb verb;
    Option option;
};

// The payload is unescaped and valid until the next call of next().
struct Subnegotiation {
    Option option;
    base::ByteView payload;
};

// Input against the rules, which was dropped; the stream goes on behind it.
struct Malformed {
    std::string_view what;
};

using Event = std::variant<Data, CommandReceived, Negotiation, Subnegotiation, Malformed>;

// A subnegotiation with more payload than this is dropped whole.
inline constexpr std::size_t max_subnegotiation = 1024;

// Takes the telnet protocol (RFC 854, 855) out of a byte stream. Every splitting of the stream
// yields the same protocol events and the same data, though data may come in other pieces. Memory
// is constant, whatever the peer sends.
class Decoder {
  public:
    // What the peer's CR LF stands for while it is an NVT: the key that ends a line, where the
    // peer is a user's terminal, or the two bytes, where it is what the user talks to.
    enum class Newline { one_cr, cr_lf };

    explicit Decoder(Newline newline = Newline::one_cr) : newline_(newline) {}

    // Takes bytes off the front of `input` until they make an event; nullopt: all are used up. A
    // change by set_binary() between two calls applies exactly from there on.
    std::optional<Event> next(base::ByteView& input);

    // Whether the peer sends 8-bit data (RFC 856). If not, which is so at first, its data is NVT: a
    // CR is delivered at once, and a NUL that follows it is swallowed; so is an LF, with
    // Newline::one_cr.
    void set_binary(bool on);

  private:
    // What the next byte belongs to.
    enum class State { data, after_iac, after_verb, payload, payload_after_iac };

    // How much was gathered of some input, and what became of it.
    struct Gathered {
        std::size_t taken = 0;
        std::size_t written = 0;
    };

    std::optional<Event> step(base::ByteView& input);
    std::optional<Event> take_data(base::ByteView& input);
    std::size_t plain_run(base::ByteView input) const;
    base::ByteView gather(base::ByteView& input);
    Gathered gather_bytewise(base::ByteView input, std::uint8_t* to);
    bool swallows(std::uint8_t byte);
    std::optional<Event> take_command(base::ByteView& input);
    std::optional<Event> begin_command(Command command);
    std::optional<Event> take_payload(base::ByteView& input);
    std::optional<Event> take_payload_after_iac(base::ByteView& input);
    std::optional<Event> store(base::ByteView bytes);
    std::optional<Event> end_subnegotiation();

    Newline newline_;
    State state_ = State::data;
    Verb verb_ = Verb::will;
    bool binary_ = false;
    bool after_cr_ = false;
    bool oversized_ = false;
    // The option and the payload of the subnegotiation that is being received; between two of them,
    // gathered data: as much as a PTY takes at once.
    std::array<std::uint8_t, 4096> buffer_{};
    std::size_t stored_ = 0;
};

} // namespace mpbridge::telnet
