#include "posix/terminal_users.hpp"

#include "posix/descriptor.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <string>
#include <system_error>

namespace mpbridge::posix {

namespace fs = std::filesystem;

namespace {

bool has_open(const fs::path& process, const struct stat& terminal) {
    std::error_code gone;
    for (fs::directory_iterator file(process / "fd", gone), end; !gone && file != end;
         file.increment(gone)) {
        struct stat found{};
        if (::stat(file->path().c_str(), &found) == 0 && found.st_dev == terminal.st_dev &&
            found.st_ino == terminal.st_ino) {
            return true;
        }
    }
    return false;
}

// 0: an entry of /proc that is no process.
pid_t process_number(const std::string& name) {
    pid_t number = 0;
    const auto* end = name.data() + name.size();
    return std::from_chars(name.data(), end, number).ptr == end ? number : 0;
}

void kill_if_it_has_open(const fs::path& process, const struct stat& terminal) {
    const auto number = process_number(process.filename().string());
    if (number == 0 || number == ::getpid()) {
        return;
    }
    // First, so that the number cannot become another's in between.
    const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, number, 0)));
    if (handle && has_open(process, terminal)) {
        ::syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0);
    }
}

} // namespace

TerminalUsers::TerminalUsers(int terminal) { ::fstat(terminal, &terminal_); }

void TerminalUsers::kill() const {
    std::error_code gone;
    for (fs::directory_iterator process("/proc", gone), end; !gone && process != end;
         process.increment(gone)) {
        kill_if_it_has_open(process->path(), terminal_);
    }
}

} // namespace mpbridge::posix
