#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace mpbridge::posix {

// What /proc tells of a process.
struct ProcessStatus {
    bool sleeping = false;          // waits for something, so has done all it was asked to
    bool catches_interrupt = false; // has a handler for SIGINT

    // Nothing when the process is gone or /proc cannot be read.
    static std::optional<ProcessStatus> of(pid_t pid);
};

} // namespace mpbridge::posix
