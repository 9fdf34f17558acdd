#pragma once

#include "app/options.hpp"
#include "base/error.hpp"
#include "board/board.hpp"

#include <string>

namespace mpbridge::app {

// What board the options ask for. `executable` and the working directory in `options` have been
// checked. An error: this machine cannot have it.
base::Result<board::BoardConfig> board_config(const std::string& executable,
                                              const Options& options);

} // namespace mpbridge::app
