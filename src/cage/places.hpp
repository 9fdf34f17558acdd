#pragma once

#include "base/error.hpp"
#include "cage/file_rules.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace mpbridge::cage {

// What a program needs to run below `directory`: that directory to change, itself and what it is
// interpreted by to execute, and to read the libraries, `more`, and with `network` what names are
// looked up with. All but the directory are resolved.
//
// An error when one of `more` is not a directory, or when one of these lies below `directory`: the
// program could put another in its place, and what that names would be open to it.
base::Result<std::vector<Place>> places_for(const std::filesystem::path& executable,
                                            const std::filesystem::path& directory,
                                            const std::vector<std::string>& more, bool network);

} // namespace mpbridge::cage
