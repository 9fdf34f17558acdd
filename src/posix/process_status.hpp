#pragma once

#include "posix/descriptor.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace mpbridge::posix {

// What /proc tells of a process.
struct ProcessStatus {
    bool sleeping = false;          // waits for something, so has done all it was asked to
    bool catches_interrupt = false; // has a handler for SIGINT

    // From an open /proc/PID/status. Nothing when the process is gone.
    static std::optional<ProcessStatus> read(int status_file);
};

// /proc/PID/status, or nothing. Kept open, it can be read when no more files can be opened.
Descriptor open_process_status(pid_t pid);

} // namespace mpbridge::posix
