#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "posix/descriptor.hpp"

#include <cstddef>

namespace mpbridge::posix {

// A raw pseudo-terminal: no echo, no canonical mode, no output processing, no XON/XOFF, no signal
// characters. Both ends are held, non-blocking and close-on-exec. Holding the slave keeps the PTY
// alive when the process on it ends, and lets what that process never read be taken back.
//
// The slave starts with NOFLSH set, which has no effect in raw mode. MicroPython clears all local
// flags while it reads at its prompt or in input() and restores them while it executes code, so
// the flag, seen from the master, tells the two apart.
class Pty {
  public:
    static base::Result<Pty> open();

    int master() const { return master_.get(); }

    bool executing() const;

    // Sets the flag again; for code that MicroPython runs without restoring the flags (raw paste).
    void mark_executing();

    // Whether bytes wait that the process has not read. Exact: what is still on its way through
    // the kernel counts.
    bool has_unread_input() const;

    // The same for what the process printed.
    bool has_unread_output() const;

    base::Bytes take_unread_input();
    void discard_unread_input();

    // Closes the slave, and kills all other processes that have it open still: those that a process
    // has left behind. Then nothing more can be asked of it.
    void close_slave_for_all();

    // Makes the terminal the caller's descriptors 0-2 and its controlling terminal. For a forked
    // child: only async-signal-safe calls; false with errno set on failure.
    bool become_terminal_of_this_process() const;

  private:
    Pty(Descriptor master, Descriptor slave)
        : master_(std::move(master)), slave_(std::move(slave)) {}

    Descriptor master_;
    Descriptor slave_;
};

} // namespace mpbridge::posix
