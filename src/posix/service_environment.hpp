#pragma once

#include "base/error.hpp"
#include "posix/descriptor.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace mpbridge::posix {

// A descriptor that the service manager has opened for this process.
struct PassedDescriptor {
    std::string name; // empty: it has none
    Descriptor descriptor;
};

// What a service manager tells a process by its environment, see sd_notify(3),
// sd_watchdog_enabled(3) and sd_listen_fds(3). Without one all is empty.
struct ServiceEnvironment {
    std::string notify_socket;            // address; empty: nobody asks
    std::chrono::microseconds watchdog{}; // to be heard from within this time; 0: not watched
    std::vector<PassedDescriptor> descriptors;
};

// Takes it out of the environment, so that no child gets it, and makes the descriptors, which begin
// with `first`, close on exec. Once, and before any thread. An error: they are not as promised.
base::Result<ServiceEnvironment> take_service_environment(int first = 3);

} // namespace mpbridge::posix
