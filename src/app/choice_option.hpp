#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace mpbridge::app {

template <class Value>
std::string joined_names(const std::map<std::string, Value>& names) {
    std::string joined;
    for (const auto& [name, value] : names) {
        joined += (joined.empty() ? "" : "|") + name;
    }
    return joined;
}

// An option whose values are words.
template <class Value>
void add_choice(CLI::App& app, const std::string& name, Value& value,
                const std::map<std::string, Value>& names, const std::string& default_name,
                const std::string& description) {
    app.add_option_function<std::string>(
           name, [&value, &names](const std::string& word) { value = names.at(word); }, description)
        ->type_name(joined_names(names))
        ->default_str(default_name)
        ->check(CLI::Validator(
            [&names](const std::string& word) {
                return names.count(word) != 0 ? std::string()
                                              : word + " is not one of " + joined_names(names);
            },
            "", "choice"));
}

} // namespace mpbridge::app
