#include "posix/serial_device.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace mpbridge::posix {
namespace {

constexpr int most_echo_reads = 64; // of 4 KiB each

// With EXTPROC none of the others has an effect, but for ICANON: together with it, the kernel's
// buffer can be overrun.
constexpr tcflag_t cooked = ICANON | ECHO | ECHONL;
constexpr std::uint32_t opened_mask = IN_OPEN;
constexpr std::uint32_t closed_mask = IN_CLOSE;

termios fresh_settings() {
    termios settings{};
    settings.c_cflag = CS8 | CREAD | CLOCAL;
    settings.c_lflag = EXTPROC;
    settings.c_cc[VMIN] = 1;
    ::cfsetspeed(&settings, B115200);
    return settings;
}

bool set_fresh(int fd) {
    const auto settings = fresh_settings();
    return ::tcsetattr(fd, TCSANOW, &settings) == 0;
}

Descriptor open_slave(int master) {
    return Descriptor(::ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
}

// Has the kernel keep these flags whatever programs set. Only root may; others set them again.
void lock_raw_mode(int fd) {
    termios locked{};
    locked.c_lflag = EXTPROC | cooked;
    ::ioctl(fd, TIOCSLCKTRMIOS, &locked);
}

Descriptor watch(const std::string& path) {
    Descriptor news(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (news && ::inotify_add_watch(news.get(), path.c_str(), opened_mask | closed_mask) < 0) {
        const int reason = errno;
        news.reset();
        errno = reason;
    }
    return news;
}

base::Result<void> grant(const std::string& path, const DeviceAccess& access) {
    // The group first: a change of it would clear bits of the mode.
    const auto no_user = static_cast<uid_t>(-1);
    const auto group = access.group.value_or(::getegid());
    if (::chown(path.c_str(), no_user, group) != 0) {
        return base::system_error("Cannot give " + path + " to group " + std::to_string(group),
                                  errno);
    }
    if (::chmod(path.c_str(), access.mode) != 0) {
        return base::system_error("Cannot set the mode of " + path, errno);
    }
    return {};
}

} // namespace

base::Result<SerialDevice> SerialDevice::open(const DeviceAccess& access) {
    const auto failed = [] { return base::system_error("Cannot open a PTY port", errno); };
    Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    std::array<char, 64> name{};
    if (!master || ::grantpt(master.get()) != 0 ||
        ::ptsname_r(master.get(), name.data(), name.size()) != 0) {
        return failed();
    }
    // Before it is unlocked nobody can open it.
    if (auto granted = grant(name.data(), access); !granted) {
        return granted.error();
    }
    if (::unlockpt(master.get()) != 0) {
        return failed();
    }
    auto slave = open_slave(master.get());
    const int packet_mode = 1;
    if (!slave || !set_fresh(slave.get()) || ::ioctl(master.get(), TIOCPKT, &packet_mode) != 0) {
        return failed();
    }
    lock_raw_mode(slave.get());
    auto news = watch(name.data());
    if (!news) {
        return base::system_error("Cannot watch " + std::string(name.data()) +
                                      " (inotify; see fs.inotify.max_user_instances)",
                                  errno);
    }
    SerialDevice device(std::move(master), std::move(slave), std::move(news), name.data());
    device.count_own_events();
    return device;
}

// Not every kernel tells of an open by TIOCGPTPEER.
void SerialDevice::count_own_events() {
    auto another = open_slave(master_.get());
    own_open_events_ = read_events().count;
    another.reset();
    read_events();
}

SerialDevice::Events SerialDevice::read_events() const {
    alignas(inotify_event) std::array<std::uint8_t, 4096> buffer;
    Events all;
    for (;;) {
        const auto got = read_some(news_.get(), buffer);
        if (got.count == 0) {
            return all;
        }
        for (std::size_t at = 0; at < got.count;) {
            inotify_event event{};
            std::memcpy(&event, &buffer.at(at), sizeof event);
            at += sizeof event + event.len;
            all.news.opened |= (event.mask & (opened_mask | IN_Q_OVERFLOW)) != 0;
            all.news.closed |= (event.mask & (closed_mask | IN_Q_OVERFLOW)) != 0;
            ++all.count;
        }
    }
}

SerialDevice::News SerialDevice::take_news() {
    const auto events = read_events();
    auto news = std::exchange(untold_, {});
    news.opened |= events.news.opened;
    news.closed |= events.news.closed;
    return news;
}

bool SerialDevice::is_open() {
    const auto before = take_news();
    // Would keep all but root from opening the slave again.
    int exclusive = 0;
    ::ioctl(slave_.get(), TIOCGEXCL, &exclusive);
    ::ioctl(slave_.get(), TIOCNXCL);
    slave_.reset();
    // The queue has to be empty, so that the kernel cannot merge the own close with a later one.
    const auto meanwhile = read_events();
    const bool open = !is_hung_up(master_.get());
    slave_ = open_slave(master_.get());
    if (open && exclusive != 0) {
        ::ioctl(slave_.get(), TIOCEXCL);
    }
    const auto after = read_events();
    const int own_events = slave_ ? own_open_events_ : 0;
    const bool opened_before = before.opened || meanwhile.news.opened;
    untold_.opened = opened_before || after.count > own_events;
    untold_.closed = after.news.closed || (opened_before && !open);
    return open;
}

SerialDevice::Input SerialDevice::read(std::span<std::uint8_t> into) {
    using Kind = Input::Kind;
    std::uint8_t kind = 0;
    const std::array<iovec, 2> parts{
        {{.iov_base = &kind, .iov_len = 1}, {.iov_base = into.data(), .iov_len = into.size()}}};
    ssize_t got = 0;
    do {
        got = ::readv(master_.get(), parts.data(), static_cast<int>(parts.size()));
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        const bool later = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        return {.kind = later ? Kind::none : Kind::ended};
    }
    if (kind == TIOCPKT_DATA) {
        return {.kind = Kind::data, .count = static_cast<std::size_t>(got) - 1};
    }
    const bool settings_changed = (kind & TIOCPKT_IOCTL) != 0;
    if (settings_changed && leave_cooked_mode()) {
        drop_echo();
    }
    // What is unread may not even have been looked at by the kernel.
    written_ = written_ && (!settings_changed || has_unread_output());
    return {.kind = Kind::notice,
            .flushed = (kind & TIOCPKT_FLUSHREAD) != 0,
            .settings_changed = settings_changed};
}

// Sets EXTPROC again if a program cleared it. True: output may have been echoed meanwhile.
bool SerialDevice::leave_cooked_mode() {
    termios settings{};
    if (::tcgetattr(master_.get(), &settings) != 0 || (settings.c_lflag & EXTPROC) != 0) {
        return false;
    }
    const bool echoed = (settings.c_lflag & (ECHO | ECHONL)) != 0;
    settings.c_lflag = (settings.c_lflag & ~cooked) | EXTPROC;
    ::tcsetattr(master_.get(), TCSANOW, &settings);
    return echoed && written_;
}

Transfer SerialDevice::write(base::ByteView bytes) {
    written_ = true;
    return write_some(master_.get(), bytes);
}

void SerialDevice::drop_echo() {
    // Has the kernel hand all written output over to the slave now, without echo.
    has_unread_output();
    std::array<std::uint8_t, 4096> echo;
    // Not more than there can be, for a program may go on writing.
    for (int reads = 0; reads < most_echo_reads; ++reads) {
        write_some(slave_.get(), {}); // puts out the echo for which there was no room
        if (!can_be_read(master_.get()) || read_some(master_.get(), echo).count == 0) {
            break;
        }
        leave_cooked_mode();
    }
}

bool SerialDevice::has_unread_output() const {
    // Has the kernel hand over what is on its way. Its answer depends on the program's VMIN.
    can_be_read(slave_.get());
    int count = 0;
    return ::ioctl(slave_.get(), FIONREAD, &count) == 0 && count > 0;
}

void SerialDevice::drop_unread_output() {
    ::tcflush(master_.get(), TCOFLUSH); // on its way
    ::tcflush(slave_.get(), TCIFLUSH);  // arrived
}

void SerialDevice::restore() {
    ::ioctl(slave_.get(), TIOCNXCL);
    set_fresh(slave_.get());
    ::tcflow(slave_.get(), TCOON); // NOLINT(concurrency-mt-unsafe): it is called by one thread only
    drop_unread_output();
    written_ = false;
}

bool SerialDevice::lock() {
    if (::flock(slave_.get(), LOCK_EX | LOCK_NB) != 0) {
        return false;
    }
    ::ioctl(slave_.get(), TIOCEXCL);
    return true;
}

void SerialDevice::unlock() {
    ::ioctl(slave_.get(), TIOCNXCL);
    ::flock(slave_.get(), LOCK_UN);
}

} // namespace mpbridge::posix
