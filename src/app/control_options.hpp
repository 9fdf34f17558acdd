#pragma once

#include "base/error.hpp"
#include "control/request.hpp"

#include <optional>
#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace mpbridge::app {

// What the command line says about the control socket, this bridge's or the one of a running bridge
// that is to be asked.
struct ControlOptions {
    std::string path; // "none": none; empty: the usual place
    std::string ready_file;
    std::optional<control::Request> request; // ask a running bridge, and be none
};

void add_control_options(CLI::App& app, ControlOptions& options);

// Throws CLI::ValidationError where a running bridge is to be asked, and there are options that
// make sense only for one that starts.
void check_control_options(const CLI::App& app, const ControlOptions& options);

// Where the control socket is if nobody says anything else. Empty: there is no place for it, as
// neither systemd nor a log-in has made a directory.
std::string usual_control_path();

// The answer of the running bridge.
base::Result<std::string> ask_running_bridge(const ControlOptions& options);

} // namespace mpbridge::app
