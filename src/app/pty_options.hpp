#pragma once

#include "base/error.hpp"
#include "ports/device_port.hpp"

#include <sys/types.h>

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace mpbridge::app {

// What the command line says about a PTY port.
struct PtyOptions {
    std::string link; // empty: none
    mode_t mode = 0600;
    std::string group; // name or number; empty: the one of this process
};

void add_pty_options(CLI::App& app, PtyOptions& options);

// An error: there is no such group.
base::Result<ports::DeviceOptions> device_options(const PtyOptions& options);

} // namespace mpbridge::app
