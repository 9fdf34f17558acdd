#include "app/options.hpp"

#include "app/cage_options.hpp"
#include "app/choice_option.hpp"
#include "app/words.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>

namespace mpbridge::app {
namespace {

constexpr int usage_error = 2;
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

std::string check_words(const std::string& text) {
    const auto words = split_words(text);
    return words ? std::string() : words.error().message;
}

std::string check_network(const std::string& text) {
    const auto added = ports::AllowList().add(text);
    return added ? std::string() : added.error().message;
}

void add_access_options(CLI::App& app, Options& options) {
    app.add_option_function<std::vector<std::string>>(
           "--allow",
           [&options](const std::vector<std::string>& networks) {
               for (const auto& each : networks) {
                   options.allow.add(each).value(); // has been checked
               }
           },
           "Accept network connections from this address or network only, repeatable")
        ->check(CLI::Validator(check_network, "", "network"))
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false)
        ->type_name("ADDRESS[/PREFIX]")
        ->default_str("from everywhere");
    app.add_option("--max-pending", options.max_pending,
                   "How many clients that are told that the board is busy may be waited for, each "
                   "a second at most, until they close")
        ->check(CLI::Range(std::size_t{1}, largest_max_pending))
        ->type_name("N")
        ->capture_default_str();
}

void add_bridge_options(CLI::App& app, Options& options) {
    const auto any_port = CLI::Range(0, 65535);
    app.add_option("MICROPYTHON_PATH", options.micropython_path,
                   "MicroPython executable (default: ../ports/unix/build-standard/micropython "
                   "relative to this program, micropython beside it, micropython on PATH)");
    app.add_option("-p,--port", options.port, "RFC 2217 TCP port, 0: none")
        ->check(any_port)
        ->type_name("PORT")
        ->capture_default_str();
    app.add_option("-s,--socket-port", options.socket_port, "Raw socket TCP port, 0: none")
        ->check(any_port)
        ->type_name("PORT")
        ->capture_default_str();
    app.add_option("-H,--host", options.host, "Local host/interface to bind to")
        ->type_name("HOST")
        ->default_str("all interfaces");
    add_access_options(app, options);
    app.add_flag_callback(
        "--no-pty", [&options] { options.pty = false; },
        "No PTY port (the board as a serial device of this machine)");
    add_pty_options(app, options.pty_options);
    app.add_flag("-v,--verbose", options.verbosity,
                 "Say more: -v connections, -vv protocol events, -vvv all data")
        ->disable_flag_override();
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

void add_micropython_options(CLI::App& app, Options& options) {
    const std::string group = "MicroPython options";
    app.add_flag("-O", options.optimization, "Bytecode optimization, repeated for higher levels")
        ->disable_flag_override()
        ->group(group);
    app.add_option("-X", options.implementation_options,
                   "Implementation-specific option (heapsize=4M, emit=native), repeatable")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false)
        ->type_name("OPTION")
        ->group(group);
    app.add_option("--cwd", options.cwd, "Working directory of MicroPython")
        ->type_name("DIR")
        ->default_str("the present one")
        ->group(group);
    app.add_flag("--board-root", options.board_root,
                 "Let MicroPython take its working directory for its /, as a board has only its "
                 "own files")
        ->disable_flag_override()
        ->group(group);
    app.add_flag("--mp-verbose", options.micropython_verbosity,
                 "MicroPython verbose mode, repeated for more")
        ->disable_flag_override()
        ->group(group);
    app.add_option("--micropython-args", options.micropython_args,
                   "More arguments for MicroPython, split as by a shell")
        ->check(CLI::Validator(check_words, "", "arguments"))
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false)
        ->type_name("ARGS")
        ->group(group);
}

void check_together(const Options& options) {
    if (options.port == 0 && options.socket_port == 0) {
        throw CLI::ValidationError("--port, --socket-port",
                                   "both are 0, so there is no network port");
    }
    if (options.port == options.socket_port) {
        throw CLI::ValidationError("--port, --socket-port",
                                   "both are " + std::to_string(options.port));
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
    app.set_version_flag("-V,--version", name_and_version(bridge_name));
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
    } catch (const CLI::ParseError& error) {
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

std::string name_and_version(const std::string& program) { return program + " " + version(); }

} // namespace mpbridge::app
