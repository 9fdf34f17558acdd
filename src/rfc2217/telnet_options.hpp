#pragma once

#include "base/bytes.hpp"
#include "telnet/decoder.hpp"
#include "telnet/option_table.hpp"

// What both sides of COM-PORT-OPTION do alike when they negotiate the options of telnet.
namespace mpbridge::rfc2217 {

// COM-PORT-OPTION and what goes with it, BINARY and SUPPRESS-GO-AHEAD, are allowed to both sides;
// ECHO is allowed to `server` alone.
telnet::OptionTable allowed_options(telnet::Side server);

// Our own wish to switch an option on.
void offer(telnet::OptionTable& options, telnet::Side side, telnet::Option option,
           base::Bytes& out);

// Takes what the peer says, and appends what it is answered with.
telnet::Outcome receive(telnet::OptionTable& options, const telnet::Negotiation& negotiation,
                        base::Bytes& out);

} // namespace mpbridge::rfc2217
