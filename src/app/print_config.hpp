#pragma once

#include "app/config_file.hpp"

#include <string>

namespace mpbridge::app {

// The options as they are in force, as a configuration file that gives the same again. A comment
// behind each says where it comes from: "default", "FILE:LINE" or "command line".
// Throws CLI::ParseError where TOML cannot hold a value, as it is not UTF-8.
std::string config_in_force(const CLI::App& app, const ConfigPlaces& places);

} // namespace mpbridge::app
