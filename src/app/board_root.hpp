#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mpbridge::app {

// Arguments by which MicroPython's unix port takes `directory` for its file system's root, as a
// board has only its own files, and then goes on to the REPL. They come last: what follows -c is
// the code's.
std::vector<std::string> board_root_arguments(const std::filesystem::path& directory);

} // namespace mpbridge::app
