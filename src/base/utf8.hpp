#pragma once

#include <string>
#include <string_view>

namespace mpbridge::base {

bool is_utf8(std::string_view text);

// The text with U+FFFD in place of each byte that is no part of a character.
std::string to_utf8(std::string_view text);

} // namespace mpbridge::base
