#pragma once

#include "app/options.hpp"
#include "app/pty_options.hpp"
#include "remote/remote_line.hpp"

#include <variant>

namespace mpbridge::app {

// Of mpremote-attach.
struct AttachOptions {
    remote::RemoteOptions remote;
    PtyOptions pty;
    int verbosity = 0;
};

// Prints help and version to stdout, usage errors to stderr.
std::variant<AttachOptions, Exit> parse_attach_options(int argc, const char* const* argv);

} // namespace mpbridge::app
