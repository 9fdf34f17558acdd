#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "posix/process.hpp"
#include "posix/pty.hpp"

namespace mpbridge::board {

// A process on a PTY of its own, and what has been read of its output.
struct Launched {
    posix::Pty pty;
    posix::Process process;
    base::Bytes printed;
};

base::Result<Launched> launch(const posix::Command& command);

} // namespace mpbridge::board
