#pragma once

#include <cstdint>

namespace mpbridge::posix {

// What a child does to itself between fork and exec.
class ChildSetup {
  public:
    ChildSetup() = default;
    ChildSetup(const ChildSetup&) = delete;
    ChildSetup& operator=(const ChildSetup&) = delete;
    virtual ~ChildSetup() = default;

    // Runs in the child, whose only descriptor that outlives exec is the terminal's:
    // async-signal-safe calls only, no allocation. nullptr, or with errno set what could not be
    // done ("confine its files"), a constant.
    virtual const char* apply() const noexcept = 0;

    // What is to be given to execve as a fourth argument, which the kernel does not look at: after
    // apply(), it may be what tells this call from a later one of the program's own.
    virtual std::uint64_t exec_key() const noexcept { return 0; }
};

} // namespace mpbridge::posix
