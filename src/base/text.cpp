#include "base/text.hpp"

namespace mpbridge::base {
namespace {

void append_visible(std::string& text, std::uint8_t byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
    case '\r':
        text += "\\r";
        return;
    case '\n':
        text += "\\n";
        return;
    case '\t':
        text += "\\t";
        return;
    case '\\':
        text += "\\\\";
        return;
    default:
        break;
    }
    if (byte >= 0x20 && byte < 0x7F) {
        text += static_cast<char>(byte);
        return;
    }
    text += "\\x";
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
}

} // namespace

std::string visible(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (const auto byte : bytes) {
        append_visible(text, byte);
    }
    return text;
}

} // namespace mpbridge::base
