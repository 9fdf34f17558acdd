#pragma once

#include <string>
#include <vector>

namespace mpbridge::cage {

// Of this process' environment what a MicroPython may want: HOME, LANG, PATH, TERM and what begins
// with MICROPY. As NAME=VALUE.
std::vector<std::string> clean_environment();

} // namespace mpbridge::cage
