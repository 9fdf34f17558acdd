#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mpbridge::cage {

// The file and the files that the kernel or a launcher script executes on its behalf: the
// interpreter that a #! line names and, where that is env or the two-line shell script by which pip
// starts programs with a long path, the one meant; and the ELF interpreter. Paths as written, not
// resolved. What cannot be read is left out.
std::vector<std::filesystem::path> programs_behind(const std::filesystem::path& executable);

// For a script that env or such a shell script would have to execute anew: what these would
// execute, with its arguments, so that it can be done at once. Otherwise nothing: the kernel does
// it.
std::vector<std::string> launcher_of(const std::filesystem::path& executable);

} // namespace mpbridge::cage
