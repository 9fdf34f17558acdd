#include "tools/pty_program.hpp"

#include "tools/io.hpp"

#include <pty.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

namespace mpbridge::bench {

PtyProgram::PtyProgram(const std::string& program) : PtyProgram(program, open_pty()) {}

PtyProgram::PtyProgram(const std::string& program, Ends ends)
    : master_(std::move(ends.first)), child_([&] { run(program, ends.second.get()); }) {}

PtyProgram::Ends PtyProgram::open_pty() {
    int master = -1;
    int slave = -1;
    termios settings{};
    ::cfmakeraw(&settings);
    settings.c_cflag = CS8 | CREAD | B38400;
    if (::openpty(&master, &slave, nullptr, &settings, nullptr) != 0) {
        throw_errno("openpty");
    }
    return {posix::Descriptor(master), posix::Descriptor(slave)};
}

void PtyProgram::run(const std::string& program, int slave) {
    ::login_tty(slave); // NOLINT(concurrency-mt-unsafe): the forked child has one thread
    ::closefrom(STDERR_FILENO + 1);
    ::execl(program.c_str(), program.c_str(), nullptr);
}

} // namespace mpbridge::bench
