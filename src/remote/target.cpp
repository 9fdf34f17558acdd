#include "remote/target.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace mpbridge::remote {
namespace {

struct Scheme {
    std::string_view prefix;
    Protocol protocol;
    std::uint16_t port;
};

constexpr Scheme socket_scheme{"socket://", Protocol::socket, 2218};
constexpr Scheme rfc2217_scheme{"rfc2217://", Protocol::rfc2217, 2217};

std::optional<std::uint16_t> parse_port(std::string_view digits) {
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, port);
    const bool good = parsed.ec == std::errc() && parsed.ptr == end && port != 0;
    return good ? std::optional(port) : std::nullopt;
}

// Where the host ends; npos: its bracket is not closed.
std::size_t end_of_host(std::string_view text) {
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        return bracket == std::string_view::npos ? bracket : bracket + 1;
    }
    return std::min(text.find(':'), text.size());
}

} // namespace

std::string Target::url() const {
    const auto prefix = (protocol == Protocol::socket ? socket_scheme : rfc2217_scheme).prefix;
    const bool brackets = host.find(':') != std::string::npos;
    return std::string(prefix) + (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<Target> parse_target(const std::string& text) {
    const auto wrong = [&text](const std::string& why) {
        return base::Error{text + " is not a target: " + why};
    };
    std::string_view rest = text;
    auto scheme = socket_scheme;
    for (const auto& each : {socket_scheme, rfc2217_scheme}) {
        if (text.starts_with(each.prefix)) {
            scheme = each;
            rest.remove_prefix(each.prefix.size());
        }
    }
    if (rest.find("://") != std::string_view::npos) {
        return wrong("it has to be socket://HOST[:PORT], rfc2217://HOST[:PORT] or HOST[:PORT]");
    }
    const auto end = end_of_host(rest);
    if (end == std::string_view::npos) {
        return wrong("a bracket is not closed");
    }
    auto host = rest.substr(0, end);
    const auto behind = rest.substr(end);
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    if (host.empty()) {
        return wrong("the host is missing");
    }
    Target target{.protocol = scheme.protocol, .host = std::string(host), .port = scheme.port};
    if (!behind.empty()) {
        const auto port = behind.starts_with(':') ? parse_port(behind.substr(1)) : std::nullopt;
        if (!port) {
            return wrong(
                "the port has to be a number from 1 to 65535 (and an IPv6 address to stand "
                "in brackets)");
        }
        target.port = *port;
    }
    return target;
}

} // namespace mpbridge::remote
