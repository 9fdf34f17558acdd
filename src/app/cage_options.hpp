#pragma once

#include "cage/cage.hpp"

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace mpbridge::app {

void add_cage_options(CLI::App& app, cage::CageOptions& options);

} // namespace mpbridge::app
