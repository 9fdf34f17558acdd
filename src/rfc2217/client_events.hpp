#pragma once

#include "rfc2217/events.hpp"
#include "rfc2217/modem_line.hpp"

#include <variant>

namespace mpbridge::rfc2217 {

// The server has answered all that was wanted, or has refused COM-PORT-OPTION: program data may go.
// Told once.
struct Ready {};

// Whether the server wants program data to stop (RFC 2217 section 5). Told when it changes.
struct Suspended {
    bool on = false;
};

// Data is what came from the serial line, ModemState what NOTIFY-MODEMSTATE said (section 4).
using ClientEvent = std::variant<Data, Ready, Suspended, ModemState, Note>;

} // namespace mpbridge::rfc2217
