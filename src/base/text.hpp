#pragma once

#include "base/bytes.hpp"

#include <string>

namespace mpbridge::base {

// Bytes as one printable line: \r, \n, \t, \\ and \xNN for what is not printable ASCII.
std::string visible(ByteView bytes);

} // namespace mpbridge::base
