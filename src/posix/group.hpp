#pragma once

#include "base/error.hpp"

#include <sys/types.h>

#include <string>

namespace mpbridge::posix {

// Of a group's name, or of a number.
base::Result<gid_t> group_id(const std::string& name);

} // namespace mpbridge::posix
