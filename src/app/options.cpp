#include "app/options.hpp"

#include "app/cage_options.hpp"
#include "app/choice_option.hpp"
#include "app/config_file.hpp"
#include "app/option_kinds.hpp"
#include "app/print_config.hpp"
#include "app/words.hpp"
#include "base/linkage.hpp"
#include "ports/listener.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <iostream>
#include <map>

namespace mpbridge::app {
namespace {

constexpr int usage_error = 2;
constexpr const char* exit_codes = "Exit status: 0 after SIGINT, SIGTERM or SIGHUP, or when --once "
                                   "is fulfilled; 1 when the bridge "
                                   "could not start or go on; 2 when the options are wrong.";
constexpr std::size_t largest_replay = std::size_t{1} << 30U;
constexpr std::size_t largest_standby = 16;
constexpr std::size_t largest_max_pending = 1024;
constexpr int longest_busy_poll_us = 10'000;

const std::map<std::string, repl::InterruptPolicy> interrupt_names{
    {"auto", repl::InterruptPolicy::automatic},
    {"always", repl::InterruptPolicy::always},
    {"never", repl::InterruptPolicy::never},
};

const std::map<std::string, repl::NewlinePolicy> newline_names{
    {"auto", repl::NewlinePolicy::automatic},
    {"raw", repl::NewlinePolicy::raw},
    {"crlf", repl::NewlinePolicy::crlf},
};

const std::map<std::string, ports::BreakAction> break_names{
    {"none", ports::BreakAction::none},
    {"interrupt", ports::BreakAction::interrupt},
    {"reset", ports::BreakAction::reset},
};

const std::map<std::string, LogFormat> log_format_names{
    {"text", LogFormat::text},
    {"json", LogFormat::json},
};

constexpr const char* any_port_word = "auto";

std::optional<std::uint16_t> port_number(const std::string& text) {
    std::uint16_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

std::string check_port(std::string& text) {
    if (text == any_port_word) {
        return {};
    }
    const auto number = port_number(text);
    if (!number) {
        return text + " is neither " + any_port_word + " nor a number from 0 to 65535";
    }
    text = std::to_string(*number);
    return {};
}

std::string check_words(const std::string& text) {
    const auto words = split_words(text);
    return words ? std::string() : words.error().message;
}

std::string check_network(const std::string& text) {
    const auto added = ports::AllowList().add(text);
    return added ? std::string() : added.error().message;
}

// What is asked of the command line alone.
struct ConfigRequest {
    ConfigPlaces places;
    bool print = false;
};

void add_config_options(CLI::App& app, ConfigRequest& request) {
    app.add_option_function<std::string>(
           "--config",
           [&](const std::string& path) { request.places = apply_config_file(app, path); },
           "Take options from a TOML file too; those of the command line replace them")
        ->type_name("FILE")
        ->configurable(false);
    add_switch(app, "--print-config", request.print,
               "Print the options in force, as such a file, with where each comes from, and exit")
        ->configurable(false);
}

void add_port(CLI::App& app, const std::string& names, std::optional<std::uint16_t>& port,
              const std::string& title) {
    app.add_option_function<std::string>(
           names,
           [&port](const std::string& text) {
               port = text == any_port_word ? ports::Listener::any_port : port_number(text);
               if (text == "0") {
                   port.reset();
               }
           },
           title + " TCP port, 0: none, " + any_port_word + ": a free one")
        ->transform(CLI::Validator(check_port, "", "port"))
        ->type_name("PORT")
        ->default_str(std::to_string(port.value()));
}

void add_access_options(CLI::App& app, Options& options) {
    repeatable(app.add_option_function<std::vector<std::string>>(
                   "--allow",
                   [&options](const std::vector<std::string>& networks) {
                       options.allow = {};
                       for (const auto& each : networks) {
                           options.allow.add(each).value(); // has been checked
                       }
                   },
                   "Accept network connections from this address or network only, repeatable "
                   "(default: from everywhere)"))
        ->check(CLI::Validator(check_network, "", "network"))
        ->type_name("ADDRESS[/PREFIX]");
    app.add_option("--max-pending", options.max_pending,
                   "How many clients that are told that the board is busy may be waited for, each "
                   "a second at most, until they close")
        ->check(CLI::Range(std::size_t{1}, largest_max_pending))
        ->type_name("N")
        ->capture_default_str();
}

void add_network_options(CLI::App& app, Options& options) {
    add_port(app, "-p,--port", options.port, "RFC 2217");
    add_port(app, "-s,--socket-port", options.socket_port, "Raw socket");
    app.add_option("-H,--host", options.host,
                   "Local host/interface to bind to (default: all interfaces)")
        ->type_name("HOST");
    add_access_options(app, options);
}

void add_log_options(CLI::App& app, Options& options) {
    add_count(app, "-v,--verbose", options.verbosity,
              "Say more: -v connections, -vv protocol events, -vvv all data");
    add_choice(app, "--log-format", options.log_format, log_format_names, "text",
               "Form of the log on stderr: lines of text, or one JSON object a line");
}

void add_board_options(CLI::App& app, Options& options) {
    app.add_option("--replay", options.replay,
                   "Give a new client the newest SIZE bytes (64K, 1M) of what was printed while "
                   "nobody was connected")
        ->transform(CLI::AsSizeValue(false))
        ->check(CLI::Range(std::size_t{0}, largest_replay))
        ->type_name("SIZE")
        ->default_str("0");
    add_choice(app, "--interrupt", options.interrupt, interrupt_names, "auto",
               "When Ctrl-C interrupts: auto (a MicroPython that has shown its prompt), always (a "
               "MicroPython that runs a script), never (it is data)");
    add_choice(app, "--newline", options.newline, newline_names, "auto",
               "Line ends of the output: auto (a board's in the friendly REPL), raw (never "
               "changed), crlf (a board's in the raw REPL too)");
    add_choice(app, "--on-break", options.on_break, break_names, "none",
               "What a break from an RFC 2217 client does");
    app.add_option("--standby", options.standby,
                   "Keep N MicroPythons started in advance, for a quick soft reset, 0: none")
        ->check(CLI::Range(std::size_t{0}, largest_standby))
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--busy-poll", options.busy_poll_us,
                   "After an event look for the next one for USEC microseconds before sleeping: "
                   "quicker answers for processor time")
        ->check(CLI::Range(0, longest_busy_poll_us))
        ->type_name("USEC")
        ->capture_default_str();
}

void add_bridge_options(CLI::App& app, Options& options) {
    app.add_option("MICROPYTHON_PATH", options.micropython_path,
                   "MicroPython executable (default: ../ports/unix/build-standard/micropython "
                   "relative to this program, micropython beside it, micropython on PATH)");
    add_network_options(app, options);
    add_switch(app, "--no-pty", options.pty,
               "No PTY port (the board as a serial device of this machine)", false);
    add_pty_options(app, options.pty_options);
    add_switch(app, "--once", options.once, "End when the first client has left");
    add_log_options(app, options);
    add_board_options(app, options);
}

void add_micropython_options(CLI::App& app, Options& options) {
    const std::string group = "MicroPython options";
    add_count(app, "-O", options.optimization, "Bytecode optimization, repeated for higher levels")
        ->group(group);
    repeatable(
        app.add_option("-X", options.implementation_options,
                       "Implementation-specific option (heapsize=4M, emit=native), repeatable"))
        ->type_name("OPTION")
        ->group(group);
    app.add_option("--cwd", options.cwd,
                   "Working directory of MicroPython (default: the present one)")
        ->type_name("DIR")
        ->group(group);
    add_switch(app, "--board-root", options.board_root,
               "Let MicroPython take its working directory for its /, as a board has only its own "
               "files")
        ->group(group);
    add_count(app, "--mp-verbose", options.micropython_verbosity,
              "MicroPython verbose mode, repeated for more")
        ->group(group);
    repeatable(app.add_option("--micropython-args", options.micropython_args,
                              "More arguments for MicroPython, split as by a shell"))
        ->check(CLI::Validator(check_words, "", "arguments"))
        ->type_name("ARGS")
        ->group(group);
}

void check_together(const Options& options) {
    if (!options.port && !options.socket_port) {
        throw CLI::ValidationError("--port, --socket-port",
                                   "both are 0, so there is no network port");
    }
    if (options.port == options.socket_port && options.port != ports::Listener::any_port) {
        throw CLI::ValidationError("--port, --socket-port",
                                   "both are " + std::to_string(options.port.value()));
    }
    if (options.board_root && starts_with_code(options)) {
        throw CLI::ValidationError("--board-root, --micropython-args",
                                   "the first cannot be had where the second has code to run");
    }
}

std::vector<std::string> split_micropython_args(const Options& options) {
    std::vector<std::string> words;
    for (const auto& arguments : options.micropython_args) {
        const auto split = split_words(arguments).value(); // has been checked
        words.insert(words.end(), split.begin(), split.end());
    }
    return words;
}

std::vector<std::string> words_after_optimization(const Options& options) {
    std::vector<std::string> words;
    for (const auto& option : options.implementation_options) {
        words.insert(words.end(), {"-X", option});
    }
    words.insert(words.end(), static_cast<std::size_t>(options.micropython_verbosity), "-v");
    const auto more = split_micropython_args(options);
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// Of MicroPython's own options, those that run nothing; -X has another word.
bool runs_code(const std::string& word) {
    return word != "-i" && !word.starts_with("-O") && !word.starts_with("-v");
}

} // namespace

std::variant<Options, Exit> parse_options(int argc, const char* const* argv) {
    Options options;
    CLI::App app("Serves a MicroPython REPL as a serial port on the network: RFC 2217 and raw TCP",
                 bridge_name);
    app.set_version_flag("-V,--version", name_and_version(bridge_name))->configurable(false);
    app.footer(exit_codes);
    ConfigRequest request;
    add_config_options(app, request); // before those whose values it may give
    add_bridge_options(app, options);
    add_micropython_options(app, options);
    add_cage_options(app, options.cage);
    add_control_options(app, options.control);
    try {
        app.parse(argc, argv);
        options.port_given = app.count("--port") > 0;
        options.socket_port_given = app.count("--socket-port") > 0;
        check_control_options(app, options.control);
        check_together(options);
        if (request.print) {
            std::cout << config_in_force(app, request.places) << std::flush;
            return Exit{};
        }
    } catch (const CLI::ParseError& error) {
        std::cerr << places_of_options_in(error.what(), app, request.places);
        return Exit{app.exit(error, std::cout, std::cerr) == 0 ? 0 : usage_error};
    }
    return options;
}

std::vector<std::string> micropython_arguments(const Options& options) {
    std::vector<std::string> arguments;
    if (options.optimization > 0) {
        // The unix port counts the Os of the last such word only: -O -O would be level 1.
        arguments.push_back("-" + std::string(static_cast<std::size_t>(options.optimization), 'O'));
    }
    const auto rest = words_after_optimization(options);
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return arguments;
}

std::string micropython_command_line(const std::string& executable, const Options& options) {
    auto line = executable;
    for (int level = 0; level < options.optimization; ++level) {
        line += " -O";
    }
    for (const auto& word : words_after_optimization(options)) {
        line += " " + word;
    }
    return line;
}

bool starts_with_code(const Options& options) {
    const auto words = split_micropython_args(options);
    for (auto word = words.begin(); word != words.end(); ++word) {
        if (*word == "-X" && word + 1 != words.end()) {
            ++word;
        } else if (runs_code(*word)) {
            return true;
        }
    }
    return false;
}

bool has_board_root(const Options& options) {
    return options.board_root || (options.cage.sandbox && !starts_with_code(options));
}

std::string version() { return MPBRIDGE_VERSION; }

std::string name_and_version(const std::string& program) {
    return program + " " + version() + (base::linked_statically ? " (static)" : "");
}

} // namespace mpbridge::app
