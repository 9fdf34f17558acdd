#include "posix/pty.hpp"

#include "posix/terminal_users.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace mpbridge::posix {
namespace {

bool set_raw(int fd) {
    termios settings{};
    if (::tcgetattr(fd, &settings) != 0) {
        return false;
    }
    ::cfmakeraw(&settings);
    settings.c_lflag = NOFLSH;
    settings.c_iflag = 0;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    return ::tcsetattr(fd, TCSANOW, &settings) == 0;
}

} // namespace

base::Result<Pty> Pty::open() {
    Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    if (!master || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) {
        return base::system_error("Cannot open a pseudo-terminal", errno);
    }
    Descriptor slave(
        ::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    if (!slave || !set_raw(slave.get())) {
        return base::system_error("Cannot set up a pseudo-terminal", errno);
    }
    return Pty(std::move(master), std::move(slave));
}

bool Pty::executing() const {
    termios settings{};
    return ::tcgetattr(master_.get(), &settings) == 0 && settings.c_lflag != 0;
}

void Pty::mark_executing() {
    termios settings{};
    if (::tcgetattr(master_.get(), &settings) == 0) {
        settings.c_lflag |= NOFLSH;
        ::tcsetattr(master_.get(), TCSANOW, &settings);
    }
}

bool Pty::has_unread_input() const { return can_be_read(slave_.get()); }

bool Pty::has_unread_output() const { return can_be_read(master_.get()); }

base::Bytes Pty::take_unread_input() {
    base::Bytes unread;
    std::array<std::uint8_t, 4096> buffer;
    for (;;) {
        const auto got = read_some(slave_.get(), buffer);
        if (got.count == 0) {
            return unread;
        }
        base::append(unread, base::ByteView(buffer).first(got.count));
    }
}

void Pty::discard_unread_input() { ::tcflush(slave_.get(), TCIFLUSH); }

void Pty::close_slave_for_all() {
    const TerminalUsers users(slave_.get());
    slave_.reset();
    if (!is_hung_up(master_.get())) {
        users.kill();
    }
}

bool Pty::become_terminal_of_this_process() const {
    // A description of its own: the one held by the bridge is non-blocking.
    const int terminal = ::ioctl(master_.get(), TIOCGPTPEER, O_RDWR);
    if (terminal < 0) {
        return false;
    }
    if (::setsid() < 0 || ::ioctl(terminal, TIOCSCTTY, 0) != 0) {
        return false;
    }
    for (int fd = 0; fd <= 2; ++fd) {
        if (::dup2(terminal, fd) < 0) {
            return false;
        }
    }
    if (terminal > 2) {
        ::close(terminal);
    }
    return true;
}

} // namespace mpbridge::posix
