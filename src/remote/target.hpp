#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>

namespace mpbridge::remote {

enum class Protocol { socket, rfc2217 };

// A serial port that another program offers on the network.
struct Target {
    Protocol protocol = Protocol::socket;
    std::string host; // without brackets
    std::uint16_t port = 0;

    // "rfc2217://[::1]:2217"
    std::string url() const;
};

// Reads socket://HOST[:PORT], rfc2217://HOST[:PORT] or HOST[:PORT], which is a socket; IPv6
// addresses in brackets. Without a port, the one that mpremote-bridge has by default.
base::Result<Target> parse_target(const std::string& text);

} // namespace mpbridge::remote
