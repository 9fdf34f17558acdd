#include "posix/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace mpbridge::posix {
namespace {

// Everything the child needs, made before the fork: after it only async-signal-safe calls.
struct Plan {
    const Pty& pty;
    const char* directory;
    char* const* argv;
    char* const* environment;
    const ChildSetup* setup;
    pid_t parent;
    int report; // where a failure goes; closes on exec
};

// Why the child could not exec. Its pointer holds in the parent too, whose copy the child is.
struct Failure {
    int error = 0;
    const char* step = nullptr; // what could not be done; nullptr: to start at all
};

// Not from <sys/pidfd.h>: glibc 2.36 forgot that C++ includes it too.
int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

void reset_signals() {
    for (int signal = 1; signal < NSIG; ++signal) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

bool prepare_child(const Plan& plan) {
    // The parent may have ended between fork and prctl.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != plan.parent) {
        return false;
    }
    if (!plan.pty.become_terminal_of_this_process()) {
        return false;
    }
    if (*plan.directory != '\0' && ::chdir(plan.directory) != 0) {
        return false;
    }
    return ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

[[noreturn]] void run_child(const Plan& plan) {
    reset_signals();
    Failure failure;
    if (prepare_child(plan)) {
        failure.step = plan.setup != nullptr ? plan.setup->apply() : nullptr;
        if (failure.step == nullptr) {
            const auto key = plan.setup != nullptr ? plan.setup->exec_key() : 0;
            ::syscall(SYS_execve, plan.argv[0], plan.argv, plan.environment, key);
        }
    }
    failure.error = errno;
    [[maybe_unused]] const auto written = ::write(plan.report, &failure, sizeof failure);
    ::_exit(127);
}

// As exec wants them: pointers into `words`, and a null pointer behind.
std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> all;
    all.reserve(words.size() + 1);
    for (const auto& word : words) {
        all.push_back(const_cast<char*>(word.c_str()));
    }
    all.push_back(nullptr);
    return all;
}

// Waits for the child to exec (end of file) or to report why it could not.
Failure exec_failure(int report) {
    Failure failure;
    ssize_t got = -1;
    do {
        got = ::read(report, &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    return got == sizeof failure ? failure : Failure();
}

base::Error start_error(const Command& command, const Failure& failure) {
    const auto what = "Cannot start " + command.executable;
    const auto step = failure.step != nullptr ? ": cannot " + std::string(failure.step) : "";
    return base::system_error(what + step, failure.error);
}

siginfo_t wait_for_change(pid_t pid, int options) {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid), &info, options) != 0 && errno == EINTR) {
    }
    return info;
}

ExitStatus exit_status(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) {
        return {.code = info.si_status};
    }
    return {.signal = info.si_status};
}

timespec time_left(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::max(deadline - std::chrono::steady_clock::now(),
                               std::chrono::steady_clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
}

} // namespace

std::string ExitStatus::describe() const {
    return signal != 0 ? signal_name() : "exit status " + std::to_string(code);
}

std::string ExitStatus::signal_name() const {
    const char* name = ::sigabbrev_np(signal);
    return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal);
}

void block_child_signals() {
    ::signal(SIGCHLD, SIG_DFL);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

base::Result<Process> Process::start(const Command& command, const Pty& pty) {
    std::array<int, 2> pipe_ends{};
    if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
        return start_error(command, {.error = errno});
    }
    const Descriptor reader(pipe_ends[0]);
    Descriptor writer(pipe_ends[1]);
    auto words = command.launcher;
    words.push_back(command.executable);
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    const auto argv = pointers(words);
    const auto environment =
        command.environment ? pointers(*command.environment) : std::vector<char*>();
    const Plan plan{.pty = pty,
                    .directory = command.directory.c_str(),
                    .argv = argv.data(),
                    .environment = command.environment ? environment.data() : environ,
                    .setup = command.setup.get(),
                    .parent = ::getpid(),
                    .report = writer.get()};

    const pid_t pid = ::fork();
    if (pid == 0) {
        run_child(plan);
    }
    if (pid < 0) {
        return start_error(command, {.error = errno});
    }
    Process process(pid, Descriptor(open_pidfd(pid)));
    // Without its status nothing would tell what it does, for all its life.
    const bool watched = process.pidfd_ && process.status_;
    const int watch_error = watched ? 0 : errno;
    writer.reset();
    const auto failure =
        watch_error != 0 ? Failure{.error = watch_error} : exec_failure(reader.get());
    if (failure.error != 0) {
        return start_error(command, failure);
    }
    return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)),
      status_(std::move(other.status_)) {}

Process::~Process() {
    if (pid_ != 0) {
        send(SIGKILL);
        reap();
    }
}

bool Process::has_ended() const { return pid_ == 0 || can_be_read(pidfd_.get()); }

void Process::send(int signal) const {
    if (pid_ == 0) {
        return;
    }
    // Until it has called setsid() there is no such group.
    if (::kill(-pid_, signal) != 0) {
        ::kill(pid_, signal);
    }
}

bool Process::wait_until_stopped() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGCHLD);
    for (;;) {
        const auto info = wait_for_change(pid_, WSTOPPED | WEXITED | WNOHANG | WNOWAIT);
        if (info.si_pid == pid_) {
            return info.si_code == CLD_STOPPED;
        }
        const auto left = time_left(deadline);
        if (::sigtimedwait(&set, nullptr, &left) < 0 && errno == EAGAIN) {
            return false;
        }
    }
}

bool Process::interrupt_if(const std::function<bool()>& wanted) const {
    if (pid_ == 0) {
        return false;
    }
    ::kill(pid_, SIGSTOP);
    const bool interrupt = wait_until_stopped() && wanted();
    if (interrupt) {
        ::kill(pid_, SIGINT);
    }
    ::kill(pid_, SIGCONT);
    return interrupt;
}

ExitStatus Process::reap() {
    assert(pid_ != 0);
    // Until the process is reaped its number, and so the group's, cannot become another's.
    wait_for_change(pid_, WEXITED | WNOWAIT);
    ::kill(-pid_, SIGKILL);
    const auto info = wait_for_change(pid_, WEXITED);
    pid_ = 0;
    return exit_status(info);
}

} // namespace mpbridge::posix
