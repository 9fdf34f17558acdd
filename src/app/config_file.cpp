#include "app/config_file.hpp"

#include "app/option_kinds.hpp"
#include "base/error.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace mpbridge::app {
namespace {

// No configuration is nearly as large, and /dev/zero is not to fill the memory.
constexpr std::streamsize largest_file = 1 << 20;

std::string read(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(largest_file) + 1, '\0');
    if (!file.is_open() || file.read(text.data(), largest_file + 1).bad()) {
        throw CLI::ConfigError(base::system_error("Cannot read " + path, errno).message);
    }
    if (file.gcount() > largest_file) {
        throw CLI::ConfigError("Cannot read " + path + ": larger than 1 MiB");
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

// Why a value cannot be had, still without the place.
class Refused : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string word_of(const toml::node& node, const char* wanted) {
    const auto* text = node.as_string();
    if (text == nullptr) {
        throw Refused(std::string("must be ") + wanted);
    }
    if (text->get().find('\0') != std::string::npos) {
        throw Refused("must not contain a NUL character");
    }
    return text->get();
}

std::string truth_of(const toml::node& node) {
    const auto* truth = node.as_boolean();
    if (truth == nullptr) {
        throw Refused("must be true or false");
    }
    return truth->get() ? "true" : "false";
}

std::string number_of(const toml::node& node) {
    const auto* number = node.as_integer();
    if (number == nullptr) {
        throw Refused("must be a number");
    }
    return std::to_string(number->get());
}

CLI::results_t words_of(const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr) {
        throw Refused("must be an array of strings");
    }
    CLI::results_t words;
    for (const auto& each : *array) {
        words.push_back(word_of(each, "an array of strings"));
    }
    return words;
}

bool is_empty_word(const toml::node& node) { return node.value_or<std::string>("-").empty(); }

// In the words of a command line; none: as if there were no such option.
CLI::results_t values_of(const CLI::Option& option, const toml::node& node) {
    const auto kind = kind_of(option);
    if (kind == OptionKind::words) {
        return words_of(node);
    }
    if (kind == OptionKind::truth) {
        return {truth_of(node)};
    }
    if (kind != OptionKind::count && is_empty_word(node) && option.get_default_str().empty()) {
        return {};
    }
    if (kind == OptionKind::word) {
        return {word_of(node, "a string")};
    }
    if (kind == OptionKind::number_or_word && !node.is_integer()) {
        return {word_of(node, "a number or a string")};
    }
    return {number_of(node)};
}

// What CLI11 says, without the option's name where it comes first.
std::string reason(const CLI::ParseError& error, const CLI::Option& option) {
    const std::string text = error.what();
    const auto name = option.get_name() + ": ";
    return text.starts_with(name) ? text.substr(name.size()) : text;
}

// The command line's values are put back after those of the file have been looked at.
void set(CLI::Option& option, const CLI::results_t& values) {
    const auto given = option.results();
    try {
        option.clear();
        if (!values.empty()) {
            option.add_result(values);
            option.run_callback();
        }
    } catch (const CLI::ParseError& error) {
        throw Refused(reason(error, option));
    }
    if (!given.empty()) {
        option.clear();
        option.add_result(given);
    }
}

CLI::Option& option_named(CLI::App& app, std::string_view key) {
    const auto options = app.get_options();
    const auto found = std::find_if(options.begin(), options.end(), [key](const auto* option) {
        return config_key(*option) == key;
    });
    if (found == options.end()) {
        throw Refused("unknown key");
    }
    if (!(*found)->get_configurable()) {
        throw Refused("is for the command line only");
    }
    return **found;
}

struct Entry {
    std::string key;
    const toml::node* value;
    toml::source_index line;
};

// As they stand in the file, so that the first mistake is the one that is reported.
std::vector<Entry> entries_by_line(const toml::table& table) {
    std::vector<Entry> entries;
    for (const auto& [key, value] : table) {
        entries.push_back({std::string(key.str()), &value, key.source().begin.line});
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& left, const auto& right) { return left.line < right.line; });
    return entries;
}

std::string place(const std::string& path, toml::source_index line) {
    return path + ":" + std::to_string(line);
}

toml::table parse(const std::string& text, const std::string& path) {
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        throw CLI::ConfigError(place(path, error.source().begin.line) + ": " +
                               std::string(error.description()));
    }
}

} // namespace

ConfigPlaces apply_config_file(CLI::App& app, const std::string& path) {
    ConfigPlaces places;
    const auto table = parse(read(path), path);
    for (const auto& [key, value, line] : entries_by_line(table)) {
        try {
            auto& option = option_named(app, key);
            if (option.empty()) {
                places[&option] = place(path, line);
            }
            set(option, values_of(option, *value));
        } catch (const Refused& refused) {
            throw CLI::ConfigError(place(path, line) + ": " + key + ": " + refused.what());
        }
    }
    return places;
}

std::string places_of_options_in(const std::string& message, const CLI::App& app,
                                 const ConfigPlaces& places) {
    std::string named;
    for (const auto* option : app.get_options()) {
        const auto place = places.find(option);
        if (place != places.end() && message.find(option->get_name()) != std::string::npos) {
            named += place->second + ": ";
        }
    }
    return named;
}

} // namespace mpbridge::app
