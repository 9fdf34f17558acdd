#pragma once

#include "base/error.hpp"
#include "posix/descriptor.hpp"
#include "posix/service_environment.hpp"

#include <vector>

namespace mpbridge::app {

// Sockets from the service manager, by the port they are for.
struct PassedSockets {
    std::vector<posix::Descriptor> rfc2217;
    std::vector<posix::Descriptor> raw;
};

// By their names, "rfc2217" and "raw". Where they have none, the first is RFC 2217's and the second
// the raw port's. An error: one is for no port.
base::Result<PassedSockets> sort_by_port(std::vector<posix::PassedDescriptor> passed);

} // namespace mpbridge::app
