#include "app/attach_options.hpp"

#include "app/choice_option.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>

namespace mpbridge::app {
namespace {

constexpr int usage_error = 2;

const std::map<std::string, rfc2217::Parity> parity_names{
    {"none", rfc2217::Parity::none},   {"odd", rfc2217::Parity::odd},
    {"even", rfc2217::Parity::even},   {"mark", rfc2217::Parity::mark},
    {"space", rfc2217::Parity::space},
};

void add_target(CLI::App& app, remote::Target& target) {
    app.add_option_function<std::string>(
           "TARGET",
           [&target](const std::string& text) { target = remote::parse_target(text).value(); },
           "socket://HOST[:PORT], rfc2217://HOST[:PORT], or HOST[:PORT], which is a socket; "
           "without "
           "PORT 2218 and 2217")
        ->required()
        ->check(CLI::Validator(
            [](const std::string& text) {
                const auto parsed = remote::parse_target(text);
                return parsed ? std::string() : parsed.error().message;
            },
            "", "target"));
}

void add_lifetime(CLI::App& app, remote::Lifetime& lifetime) {
    auto* keep = app.add_flag_callback(
        "--keep", [&lifetime] { lifetime = remote::Lifetime::kept; },
        "Stay connected also while no local program has the device open");
    app.add_flag_callback(
           "--once", [&lifetime] { lifetime = remote::Lifetime::once; },
           "Connect now, and end when the local program closes the device (exit status 0) or when "
           "the target cannot be reached or the connection is lost (1)")
        ->excludes(keep);
}

void add_line_settings(CLI::App& app, rfc2217::LineSettings& line) {
    app.add_option_function<int>(
           "--data-bits", [&line](int bits) { line.data_size = static_cast<std::uint8_t>(bits); },
           "Data bits, for rfc2217:// targets")
        ->check(CLI::Range(5, 8))
        ->type_name("BITS")
        ->default_str("8");
    add_choice(app, "--parity", line.parity, parity_names, "none",
               "Parity, for rfc2217:// targets");
}

} // namespace

std::variant<AttachOptions, Exit> parse_attach_options(int argc, const char* const* argv) {
    AttachOptions options;
    CLI::App app("Makes a local serial device (PTY) of a serial port on the network", attach_name);
    app.set_version_flag("-V,--version", name_and_version(attach_name));
    add_target(app, options.remote.target);
    add_pty_options(app, options.pty);
    add_lifetime(app, options.remote.lifetime);
    add_line_settings(app, options.remote.settings);
    app.add_flag("-v,--verbose", options.verbosity,
                 "Say more: -v connections, -vv protocol events, -vvv all data");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return Exit{app.exit(error, std::cout, std::cerr) == 0 ? 0 : usage_error};
    }
    return options;
}

} // namespace mpbridge::app
