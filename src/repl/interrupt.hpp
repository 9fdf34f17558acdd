#pragma once

#include "base/bytes.hpp"

#include <chrono>
#include <optional>

namespace mpbridge::repl {

enum class InterruptPolicy {
    automatic, // once the process has shown itself to be MicroPython
    always,    // for a MicroPython that runs a script and shows no prompt
    never,     // Ctrl-C is data
};

// What a process does at the moment a Ctrl-C arrives.
struct Activity {
    bool executing = false;         // runs code rather than reading at a prompt
    bool catches_interrupt = false; // has a handler for SIGINT, so has Ctrl-C enabled
};

// Decides whether a Ctrl-C (0x03) from the client interrupts the running program or is data.
class Interrupt {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Interrupt(InterruptPolicy policy) : policy_(policy) {}

    // Whether it is worth finding out the process' activity.
    bool possible(bool is_micropython) const;

    bool wanted(bool is_micropython, const Activity& activity) const;

    // A second SIGINT before the first is dealt with ends MicroPython. So a Ctrl-C that follows an
    // interrupt at once, with no sign of life between, is part of the same interrupt.
    bool still_pending(Time now) const;
    void sent(Time now) { sent_ = now; }
    void output_seen() { sent_.reset(); }

  private:
    InterruptPolicy policy_;
    std::optional<Time> sent_;
};

// The data without its Ctrl-Cs.
base::Bytes without_ctrl_c(base::ByteView data);
bool contains_ctrl_c(base::ByteView data);

} // namespace mpbridge::repl
