#include "repl/banner.hpp"

#include "repl/protocol.hpp"

#include <charconv>

namespace mpbridge::repl {

namespace {

// "1.28" at the beginning of a text.
std::optional<Version> leading_version(std::string_view text) {
    const auto* end = text.data() + text.size();
    Version version;
    const auto major = std::from_chars(text.data(), end, version.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
        return std::nullopt;
    }
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    const bool valid = minor.ec == std::errc() && version.major >= 0 && version.minor >= 0;
    return valid ? std::optional(version) : std::nullopt;
}

} // namespace

std::optional<Version> banner_version(std::string_view output) {
    const auto prefix = std::string(banner_start).append("v");
    for (auto at = output.find(prefix); at != std::string_view::npos;
         at = output.find(prefix, at + 1)) {
        if (const auto version = leading_version(output.substr(at + prefix.size()))) {
            return version;
        }
    }
    return std::nullopt;
}

std::string banner_release(std::string_view output) {
    const auto at = output.find(banner_start);
    if (at == std::string_view::npos) {
        return {};
    }
    output.remove_prefix(at + banner_start.size());
    const auto end = output.find(" on ");
    if (end == std::string_view::npos) {
        return {};
    }
    const bool names_version = end > 1 && output[0] == 'v' && output[1] >= '0' && output[1] <= '9';
    return std::string(output.substr(0, end).substr(names_version ? 1 : 0));
}

} // namespace mpbridge::repl
