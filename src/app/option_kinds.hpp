#pragma once

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
class Option;
} // namespace CLI

namespace mpbridge::app {

// An option that may be given again and again, each time with one value.
CLI::Option* repeatable(CLI::Option* option);

// A flag that sets `value` to `when_given`. --NAME=false takes back what a configuration file says.
CLI::Option* add_switch(CLI::App& app, const std::string& name, bool& value,
                        const std::string& description, bool when_given = true);

// A flag that counts how often it is given. --NAME=N is as if it were given N times.
CLI::Option* add_count(CLI::App& app, const std::string& name, int& count,
                       const std::string& description);

// What a value of an option is in a configuration file. PORT and SIZE stand for a number or a word,
// N and USEC for a number: that is told by the option's type name.
enum class OptionKind { truth, count, number, number_or_word, word, words };

OptionKind kind_of(const CLI::Option& option);

// An option's name in a configuration file: that of the command line without its dashes, and
// "micropython" for the argument.
std::string config_key(const CLI::Option& option);

} // namespace mpbridge::app
