#pragma once

#include <string>
#include <string_view>

namespace mpbridge::base {

// A text as a JSON string on one line, quotation marks included; bytes that are no UTF-8 become
// U+FFFD.
std::string json_string(std::string_view text);

} // namespace mpbridge::base
