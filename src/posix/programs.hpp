#pragma once

#include <filesystem>
#include <string>

namespace mpbridge::posix {

// Whether it is a file that this process may execute.
bool is_executable(const std::filesystem::path& path);

// The program of this name that a shell would start, absolute. Empty: there is none on PATH.
std::filesystem::path find_on_path(const std::string& name);

} // namespace mpbridge::posix
