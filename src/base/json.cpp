#include "base/json.hpp"

#include "base/utf8.hpp"

namespace mpbridge::base {
namespace {

// DEL may stand in JSON as it is; escaped, it is seen.
std::string escaped(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
        return {c};
    }
    return {'\\', 'u', '0', '0', digits[byte >> 4U], digits[byte & 0xfU]};
}

} // namespace

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : to_utf8(text)) {
        quoted += escaped(c);
    }
    return quoted + '"';
}

} // namespace mpbridge::base
