#pragma once

#include "telnet/decoder.hpp"

#include <string>
#include <variant>

namespace mpbridge::rfc2217 {

// Bytes for the serial line, valid until the next call.
using Data = telnet::Data;

// IAC IP: what Ctrl-C means.
struct Interrupt {};

// IAC EOF: what Ctrl-D means.
struct EndOfFile {};

// The line is put into the break state or taken out of it. IAC BRK is a whole break in one event:
// `on`, and `momentary` because no other event will end it. So acting on `on` acts once a break.
struct Break {
    bool on = false;
    bool momentary = false;
};

// Bytes to be dropped: output not yet sent to the client, input not yet read by the board. Only
// program data is meant; answers of the protocol still have to be sent.
struct Purge {
    bool output = false;
    bool input = false;
};

// The client wants the output to stop or to go on.
struct FlowControl {
    bool suspended = false;
};

// Something for the debug log.
struct Note {
    std::string text;
};

using Event = std::variant<Data, Interrupt, EndOfFile, Break, Purge, FlowControl, Note>;

} // namespace mpbridge::rfc2217
