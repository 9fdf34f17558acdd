#include "repl/banner.hpp"

#include "repl/protocol.hpp"

#include <charconv>

namespace mpbridge::repl {

std::optional<Version> banner_version(std::string_view output) {
    const auto prefix = std::string(banner_start).append("v");
    const auto at = output.find(prefix);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto text = output.substr(at + prefix.size());
    const auto* end = text.data() + text.size();
    Version version;
    const auto major = std::from_chars(text.data(), end, version.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
        return std::nullopt;
    }
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    return minor.ec == std::errc() ? std::optional(version) : std::nullopt;
}

} // namespace mpbridge::repl
