#pragma once

#include "app/control_options.hpp"
#include "app/log_format.hpp"
#include "app/pty_options.hpp"
#include "cage/cage.hpp"
#include "ports/allow_list.hpp"
#include "ports/gate.hpp"
#include "ports/rfc2217_connection.hpp"
#include "repl/interrupt.hpp"
#include "repl/newline_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mpbridge::app {

struct Options {
    std::string micropython_path;             // empty: to be searched for
    std::optional<std::uint16_t> port = 2217; // RFC 2217; Listener::any_port: a free one
    std::optional<std::uint16_t> socket_port = 2218;
    bool port_given = false; // rather than left at its default
    bool socket_port_given = false;
    std::string host; // empty: all interfaces
    ports::AllowList allow;
    std::size_t max_pending = ports::Gate::usual_refusals;
    bool pty = true;
    PtyOptions pty_options;
    ControlOptions control;
    int verbosity = 0;
    LogFormat log_format = LogFormat::text;
    bool once = false; // ends when the first client has left

    int optimization = 0;
    std::vector<std::string> implementation_options; // -X
    std::string cwd;
    int micropython_verbosity = 0;
    std::vector<std::string> micropython_args; // each holds arguments as a shell would split them
    bool board_root = false;
    cage::CageOptions cage;
    std::size_t standby = 1;
    int busy_poll_us = 0;

    std::size_t replay = 0; // bytes
    repl::InterruptPolicy interrupt = repl::InterruptPolicy::automatic;
    repl::NewlinePolicy newline = repl::NewlinePolicy::automatic;
    ports::BreakAction on_break = ports::BreakAction::none;
};

// The program has nothing more to do: --help and the like, or a usage error, already reported.
struct Exit {
    int code = 0;
};

// Reads the file of --config too. Prints help, version and --print-config to stdout, usage errors
// to stderr.
std::variant<Options, Exit> parse_options(int argc, const char* const* argv);

// The arguments for the interpreter.
std::vector<std::string> micropython_arguments(const Options& options);

// Whether MicroPython is given code to run before its first prompt.
bool starts_with_code(const Options& options);

// Whether its working directory is to be MicroPython's /: where it is locked in too, unless it runs
// code of the user's, which knows where it wants to be.
bool has_board_root(const Options& options);

// The same in the words of the command line, one -O a level, for the log.
std::string micropython_command_line(const std::string& executable, const Options& options);

inline constexpr const char* bridge_name = "mpremote-bridge";
inline constexpr const char* attach_name = "mpremote-attach";

// "1.2.3"
std::string version();

// "mpremote-bridge 1.2.3", and whether it is linked statically.
std::string name_and_version(const std::string& program);

} // namespace mpbridge::app
