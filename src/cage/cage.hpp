#pragma once

#include "base/error.hpp"
#include "cage/call_filter.hpp"
#include "cage/file_rules.hpp"
#include "cage/limits.hpp"
#include "posix/process.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mpbridge::cage {

struct CageOptions {
    bool sandbox = false;
    std::vector<std::string> readable = {}; // directories, besides what the program needs
    bool network = false;
    Limits limits = {};
};

// Has each process of the command confined, from before its first instruction on. An error when
// the kernel lacks something for that: nothing of what is asked for is ever left out.
base::Result<void> confine(posix::Command& command, const CageOptions& options);

} // namespace mpbridge::cage
