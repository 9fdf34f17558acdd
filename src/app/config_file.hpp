#pragma once

#include <map>
#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
class Option;
} // namespace CLI

namespace mpbridge::app {

// "FILE:LINE" of each option that has its value from a configuration file.
using ConfigPlaces = std::map<const CLI::Option*, std::string>;

// Gives the options their values from a TOML file, to be called when the command line has been
// taken apart and before the options' own callbacks. What the command line gives stays, but what
// the file says of the same option is checked all the same. An empty text, or an array without
// anything in it, is the same as no such line, for options that have nothing by default.
// Throws CLI::ParseError with "FILE:LINE: KEY: REASON".
ConfigPlaces apply_config_file(CLI::App& app, const std::string& path);

// For what is wrong with several options together: "FILE:LINE: " for each that is named in
// `message` and has its value from the file, else nothing.
std::string places_of_options_in(const std::string& message, const CLI::App& app,
                                 const ConfigPlaces& places);

} // namespace mpbridge::app
