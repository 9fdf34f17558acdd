#include "app/print_config.hpp"

#include "app/option_kinds.hpp"
#include "base/bytes.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

#include <sstream>

namespace mpbridge::app {
namespace {

std::string quoted(const std::string& text) {
    if (!base::is_utf8(text)) {
        throw CLI::ConfigError("'" + base::visible(base::bytes_of(text)) +
                               "' is not UTF-8, so no configuration file can contain it");
    }
    std::ostringstream out;
    out << toml::toml_formatter(toml::value<std::string>(text),
                                toml::format_flags::allow_unicode_strings);
    return out.str();
}

std::string quoted(const CLI::results_t& words) {
    std::string list;
    for (const auto& word : words) {
        list += (list.empty() ? "" : ", ") + quoted(word);
    }
    return "[" + list + "]";
}

bool is_number(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string default_value(const CLI::Option& option) {
    const auto text = option.get_default_str();
    switch (kind_of(option)) {
    case OptionKind::truth:
        return "false";
    case OptionKind::count:
        return "0";
    case OptionKind::words:
        return "[]";
    case OptionKind::word:
        return quoted(text);
    case OptionKind::number:
    case OptionKind::number_or_word:
        break;
    }
    return is_number(text) ? text : quoted(text);
}

std::string count_of(const CLI::results_t& given) {
    std::int64_t count = 0;
    CLI::detail::sum_flag_vector(given, count);
    return std::to_string(count);
}

std::string given_value(const CLI::Option& option) {
    switch (kind_of(option)) {
    case OptionKind::truth:
        return option.as<bool>() ? "true" : "false";
    case OptionKind::count:
        return count_of(option.results());
    case OptionKind::words:
        return quoted(option.results());
    case OptionKind::number:
        return std::to_string(option.as<std::uint64_t>());
    case OptionKind::number_or_word:
    case OptionKind::word:
        break;
    }
    const auto word = option.as<std::string>();
    return kind_of(option) == OptionKind::number_or_word && is_number(word) ? word : quoted(word);
}

std::string origin(const CLI::Option& option, const ConfigPlaces& places) {
    if (const auto place = places.find(&option); place != places.end()) {
        return base::visible(base::bytes_of(place->second));
    }
    return option.empty() ? "default" : "command line";
}

} // namespace

std::string config_in_force(const CLI::App& app, const ConfigPlaces& places) {
    std::string text;
    for (const auto* option : app.get_options()) {
        if (option->get_configurable()) {
            text += config_key(*option) + " = " +
                    (option->empty() ? default_value(*option) : given_value(*option)) + "  # " +
                    origin(*option, places) + "\n";
        }
    }
    return text;
}

} // namespace mpbridge::app
