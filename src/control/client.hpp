#pragma once

#include "base/error.hpp"
#include "control/request.hpp"

#include <string>

namespace mpbridge::control {

// Asks the bridge whose control socket this is and waits for its answer, 5 s at most.
base::Result<std::string> ask(const std::string& path, Request request);

} // namespace mpbridge::control
