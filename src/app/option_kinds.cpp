#include "app/option_kinds.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace mpbridge::app {
namespace {

constexpr std::size_t most_digits_of_a_count = 4;

std::string check_truth(const std::string& text) {
    return text == "true" || text == "false" ? std::string() : text + " is not true or false";
}

// CLI11 takes a 0 by itself for false and counts that as -1, and a longer text for the number it
// is.
std::string check_count(std::string& text) {
    const bool number = !text.empty() && text.size() <= most_digits_of_a_count &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (!number) {
        return text == "true" ? std::string() : text + " is not a number from 0 to 9999";
    }
    text.insert(0, "0");
    return {};
}

bool is_flag(const CLI::Option& option) { return option.get_expected_min() == 0; }

} // namespace

CLI::Option* repeatable(CLI::Option* option) {
    return option->expected(1)->take_all()->allow_extra_args(false);
}

CLI::Option* add_switch(CLI::App& app, const std::string& name, bool& value,
                        const std::string& description, bool when_given) {
    return app
        .add_flag_function(
            name, [&value, when_given](std::int64_t given) { value = (given > 0) == when_given; },
            description)
        ->take_last()
        ->check(CLI::Validator(check_truth, "", "truth"));
}

CLI::Option* add_count(CLI::App& app, const std::string& name, int& count,
                       const std::string& description) {
    return app.add_flag(name, count, description)
        ->transform(CLI::Validator(check_count, "", "count"));
}

OptionKind kind_of(const CLI::Option& option) {
    const bool takes_all = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    if (is_flag(option)) {
        return takes_all ? OptionKind::count : OptionKind::truth;
    }
    if (takes_all) {
        return OptionKind::words;
    }
    static const std::map<std::string, OptionKind> by_type{{"N", OptionKind::number},
                                                           {"PORT", OptionKind::number_or_word},
                                                           {"SIZE", OptionKind::number_or_word},
                                                           {"USEC", OptionKind::number}};
    const auto described_type = option.get_type_name();
    const auto found = by_type.find(described_type.substr(0, described_type.find(':')));
    return found == by_type.end() ? OptionKind::word : found->second;
}

std::string config_key(const CLI::Option& option) {
    return option.get_positional() ? "micropython" : option.get_single_name();
}

} // namespace mpbridge::app
