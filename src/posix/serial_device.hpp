#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "posix/descriptor.hpp"
#include "posix/line_state.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace mpbridge::posix {

// Who may open a device.
struct DeviceAccess {
    mode_t mode = 0600;
    std::optional<gid_t> group; // none: the caller's own
};

// A pseudo-terminal whose slave other programs open as a serial device. It starts raw, with 115200
// baud; what programs then set is theirs, until restore().
//
// How it works (Linux): inotify tells that somebody opened or closed the slave. It merges equal
// events, so it cannot count; whether anybody has it open shows as the absence of POLLHUP at the
// master while this side holds no slave descriptor. One is held at all other times, because only
// a slave descriptor drops unread output and clears TIOCEXCL, and TIOCEXCL lets nobody but root
// open another one. EXTPROC keeps the kernel from echoing, editing and interpreting what is written
// to the slave, and makes packet mode tell of every change of the settings. Where the kernel allows
// it (root), programs cannot change it and what it replaces; where not, it is set again.
class SerialDevice {
  public:
    static base::Result<SerialDevice> open(const DeviceAccess& access);

    // To wait until read() or write() can do something.
    int master() const { return master_.get(); }

    // "/dev/pts/5"
    const std::string& path() const { return path_; }

    // Readable when programs have done something that take_news() will tell. What is_open() has
    // come across does not show here.
    int news() const { return news_.get(); }

    // What programs did to the device since the last call; the order is lost.
    struct News {
        bool opened = false;
        bool closed = false;
    };
    News take_news();

    // Whether any program has it open. A no misses one that opens it just now; a yes may come from
    // one that has just closed it, as the kernel tells of a close a little before it counts it. So
    // ask again a little later. It swallows the news of closes up to now, and comes across others
    // that news() does not show: ask take_news() afterwards. Not while it is locked.
    bool is_open();

    struct Input {
        enum class Kind {
            none,   // for now
            data,   // `count` bytes
            notice, // a program did one of the following
            ended   // nobody can write to it any more
        };
        Kind kind = Kind::none;
        std::size_t count = 0;
        bool flushed = false;          // it dropped the output that it had not read
        bool settings_changed = false; // or were set again to what they were
    };

    // The next of what programs wrote and did; notices come before data. An empty span leaves data
    // where it is. Where a program set cooked mode, so that the kernel may have echoed what was
    // written, what is there to be read is dropped.
    Input read(std::span<std::uint8_t> into);

    // What programs are to read, as much as they have room for.
    Transfer write(base::ByteView bytes);

    LineState line_state() const { return posix::line_state(master_.get()); }

    // Whether some of what was written to the master has not been read by a program.
    bool has_unread_output() const;
    void drop_unread_output();

    // Makes it as it was at first: settings, TIOCEXCL, stopped output, unread output.
    void restore();

    // Keeps programs from opening it: flock(LOCK_EX), which is what pyserial and others look for,
    // and TIOCEXCL. Root can get in without the former. False: a program holds the lock already.
    bool lock();
    void unlock();

    // False: it cannot be restored any more, since a program set TIOCEXCL at the wrong moment.
    bool is_usable() const { return static_cast<bool>(slave_); }

  private:
    SerialDevice(Descriptor master, Descriptor slave, Descriptor news, std::string path)
        : master_(std::move(master)), slave_(std::move(slave)), news_(std::move(news)),
          path_(std::move(path)) {}

    struct Events {
        News news;
        int count = 0;
    };
    Events read_events() const;
    void count_own_events();
    bool leave_cooked_mode();
    void drop_echo();

    Descriptor master_;
    Descriptor slave_;
    Descriptor news_;
    std::string path_;
    News untold_;
    int own_open_events_ = 0; // how many news an own open makes
    bool written_ = false;    // since the settings were known to be good, or before and unread
};

} // namespace mpbridge::posix
