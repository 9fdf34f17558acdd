#include "app/control_options.hpp"

#include "control/client.hpp"
#include "posix/unix_socket.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace mpbridge::app {
namespace {

constexpr const char* socket_name = "control.sock";

std::string variable(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
    return value == nullptr ? std::string() : value;
}

bool goes_with_a_request(const CLI::Option& option) {
    constexpr std::array<std::string_view, 6> names{"--control", "--json",  "--status",
                                                    "--kick",    "--reset", "--metrics"};
    return std::find(names.begin(), names.end(), option.get_name()) != names.end();
}

CLI::Option* add_request(CLI::App& app, ControlOptions& options, const std::string& name,
                         control::Request request, const std::string& description) {
    return app
        .add_flag_callback(
            name, [&options, request] { options.request = request; }, description)
        ->configurable(false)
        ->group("To ask a running bridge");
}

} // namespace

void add_control_options(CLI::App& app, ControlOptions& options) {
    app.add_option("--control", options.path,
                   "UNIX socket on which a running bridge is asked for its state, none: no such "
                   "socket (default: control.sock in $RUNTIME_DIRECTORY or "
                   "$XDG_RUNTIME_DIR/mpremote-bridge)")
        ->type_name("PATH");
    app.add_option("--ready-file", options.ready_file,
                   "Write ports, PTY, pid and MicroPython's release to FILE, as JSON, when all is "
                   "ready")
        ->type_name("FILE");

    using control::Request;
    auto* status = add_request(app, options, "--status", Request::status,
                               "Print who is connected and what has happened so far, and exit");
    auto* kick =
        add_request(app, options, "--kick", Request::kick, "Disconnect the client, and exit");
    auto* reset = add_request(app, options, "--reset", Request::reset,
                              "Press the board's reset button, and exit");
    auto* metrics = add_request(app, options, "--metrics", Request::metrics,
                                "Print counters in Prometheus' text format, and exit");
    status->excludes(kick)->excludes(reset)->excludes(metrics);
    kick->excludes(reset)->excludes(metrics);
    reset->excludes(metrics);
    app.add_flag_callback(
           "--json", [&options] { options.request = Request::status_json; },
           "With --status: one JSON object instead")
        ->needs(status)
        ->configurable(false)
        ->group("To ask a running bridge");
}

void check_control_options(const CLI::App& app, const ControlOptions& options) {
    if (!options.request) {
        return;
    }
    for (const auto* option : app.get_options()) {
        if (option->count() > 0 && !goes_with_a_request(*option)) {
            throw CLI::ValidationError(option->get_name(), "is for a bridge that is to start, not "
                                                           "for one that is to be asked");
        }
    }
    if (options.path == "none") {
        throw CLI::ValidationError("--control", "without a socket no bridge can be asked");
    }
}

std::string usual_control_path() {
    // systemd's can be more than one.
    if (const auto given = variable("RUNTIME_DIRECTORY"); !given.empty()) {
        return given.substr(0, given.find(':')) + "/" + socket_name;
    }
    auto folder = variable("XDG_RUNTIME_DIR");
    if (folder.empty()) {
        folder = "/run/user/" + std::to_string(posix::own_user());
    }
    std::error_code missing;
    return std::filesystem::is_directory(folder, missing)
               ? folder + "/mpremote-bridge/" + socket_name
               : std::string();
}

base::Result<std::string> ask_running_bridge(const ControlOptions& options) {
    const auto path = options.path.empty() ? usual_control_path() : options.path;
    if (path.empty()) {
        return base::Error{"Which bridge? There is no $RUNTIME_DIRECTORY or $XDG_RUNTIME_DIR with "
                           "a control socket; name one with --control PATH"};
    }
    return control::ask(path, *options.request);
}

} // namespace mpbridge::app
