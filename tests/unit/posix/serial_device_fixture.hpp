#pragma once

#include "posix/serial_device.hpp"

#include <gtest/gtest.h>

// And not <termios.h>, which has no custom baud rates and defines the same names.
#include <asm/termbits.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>

namespace mpbridge::posix {

using Settings = struct ::termios2;

inline Settings settings_of(int fd) {
    Settings settings{};
    EXPECT_EQ(::ioctl(fd, TCGETS2, &settings), 0);
    return settings;
}

inline void set(int fd, const Settings& settings) { EXPECT_EQ(::ioctl(fd, TCSETS2, &settings), 0); }

// What `stty sane` and the like make of it.
inline void set_cooked(int fd) {
    auto settings = settings_of(fd);
    settings.c_iflag = ICRNL | IXON;
    settings.c_oflag = OPOST | ONLCR;
    settings.c_lflag = ECHO | ICANON | ISIG | IEXTEN;
    set(fd, settings);
}

inline bool is_exclusive(int fd) {
    int exclusive = 0;
    EXPECT_EQ(::ioctl(fd, TIOCGEXCL, &exclusive), 0);
    return exclusive != 0;
}

// Within a time that is long enough on any machine.
inline bool becomes_readable(int fd) {
    pollfd query{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&query, 1, 10'000) > 0 && (query.revents & POLLIN) != 0;
}

inline bool is_readable(int fd) {
    pollfd query{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&query, 1, 0) > 0 && (query.revents & POLLIN) != 0;
}

inline std::string read_all(int fd) {
    std::string all;
    base::Bytes buffer(4096);
    for (;;) {
        const auto got = read_some(fd, buffer);
        if (got.count == 0) {
            return all;
        }
        all += base::text_of(base::ByteView(buffer).first(got.count));
    }
}

// Returns how much.
inline std::size_t write_until_full(int fd) {
    std::size_t total = 0;
    for (std::size_t count = 1; count > 0; total += count) {
        count = write_some(fd, base::Bytes(1000, '.')).count;
    }
    return total;
}

// Root may do things that others may not; while this lives, this process is not root.
class WithoutPrivileges {
  public:
    WithoutPrivileges() {
        if (user_ == 0) {
            EXPECT_EQ(::setegid(nobody), 0);
            EXPECT_EQ(::seteuid(nobody), 0);
        }
    }
    ~WithoutPrivileges() {
        EXPECT_EQ(::seteuid(user_), 0);
        EXPECT_EQ(::setegid(group_), 0);
    }
    WithoutPrivileges(const WithoutPrivileges&) = delete;
    WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

  private:
    static constexpr id_t nobody = 65534;
    uid_t user_ = ::geteuid();
    gid_t group_ = ::getegid();
};

class SerialDeviceTest : public testing::Test {
  protected:
    // Blank if it may not.
    Descriptor open_as_program(int flags = O_RDWR) {
        return Descriptor(
            ::open(device_.path().c_str(), flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    }

    void write_output(std::string_view text) {
        EXPECT_EQ(device_.write(base::bytes_of(text)).count, text.size());
    }

    // A device whose raw mode the kernel does not keep.
    void make_device_without_privileges() {
        const WithoutPrivileges unprivileged;
        device_ = SerialDevice::open({}).value();
    }

    struct Received {
        std::string data;
        bool flushed = false;
        bool settings_changed = false;
    };

    // Everything there is now.
    Received receive() {
        using Kind = SerialDevice::Input::Kind;
        Received all;
        base::Bytes buffer(4096);
        auto kind = Kind::data;
        while (kind == Kind::data || kind == Kind::notice) {
            const auto input = device_.read(buffer);
            all.data += base::text_of(base::ByteView(buffer).first(input.count));
            all.flushed |= input.flushed;
            all.settings_changed |= input.settings_changed;
            kind = input.kind;
        }
        return all;
    }

    SerialDevice device_ = SerialDevice::open({.mode = 0666, .group = {}}).value();
};

} // namespace mpbridge::posix
