#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <string>

namespace mpbridge::app {

// The MicroPython executable, as an absolute path: the given one, or else the first found of the
// usual places (relative to this program, and on PATH).
base::Result<std::string> find_micropython(const std::string& given);

// The directory MicroPython shall work in, checked. Empty stays empty.
base::Result<std::string> check_directory(const std::string& directory);

} // namespace mpbridge::app
