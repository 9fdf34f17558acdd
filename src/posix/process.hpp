#pragma once

#include "base/error.hpp"
#include "posix/child_setup.hpp"
#include "posix/descriptor.hpp"
#include "posix/process_status.hpp"
#include "posix/pty.hpp"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mpbridge::posix {

struct Command {
    std::string executable;
    std::vector<std::string> arguments; // without the executable
    std::string directory;              // empty: the caller's
    // Executed in place of the executable, whose path and arguments follow its own.
    std::vector<std::string> launcher = {};
    std::optional<std::vector<std::string>> environment = {}; // NAME=VALUE; none: the caller's
    std::shared_ptr<const ChildSetup> setup = {};
};

struct ExitStatus {
    int code = 0;
    int signal = 0; // not 0: ended by this signal

    bool success() const { return code == 0 && signal == 0; }
    std::string describe() const; // "exit status 1", "SIGSEGV"
    std::string signal_name() const;
};

// Blocks SIGCHLD for the calling thread, and has it not ignored, which would reap by itself.
// Process::interrupt_if() waits for it; call this before the first process starts and before any
// thread.
void block_child_signals();

// A child in a session of its own whose controlling terminal and only descriptors are the given
// PTY's, and which the kernel kills when the calling thread ends. Destroying it kills and reaps.
class Process {
  public:
    static base::Result<Process> start(const Command& command, const Pty& pty);

    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    pid_t pid() const { return pid_; }

    // Readable once the process has ended; stays owned by this object.
    int end_descriptor() const { return pidfd_.get(); }
    bool has_ended() const;

    std::optional<ProcessStatus> status() const { return ProcessStatus::read(status_.get()); }

    // To the process and all of its group. Nothing once it is reaped.
    void send(int signal) const;

    // Stops the process, asks `wanted` while it stands still, and only then sends SIGINT, so that
    // the answer cannot be outdated. False when not wanted, or when it does not stop in time.
    bool interrupt_if(const std::function<bool()>& wanted) const;

    // Takes the status of an ended process, waiting for its end if need be, and kills what is
    // left of its group. At most once.
    ExitStatus reap();

  private:
    Process(pid_t pid, Descriptor pidfd)
        : pid_(pid), pidfd_(std::move(pidfd)), status_(open_process_status(pid)) {}

    bool wait_until_stopped() const;

    pid_t pid_; // 0 once reaped
    Descriptor pidfd_;
    Descriptor status_;
};

} // namespace mpbridge::posix
