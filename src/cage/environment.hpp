#pragma once

#include <string>
#include <vector>

namespace mpbridge::cage {

// Of an environment, which a null pointer ends, what a MicroPython may want: HOME, LANG, PATH, TERM
// and what begins with MICROPY. As NAME=VALUE.
std::vector<std::string> clean_environment(const char* const* environment);

} // namespace mpbridge::cage
