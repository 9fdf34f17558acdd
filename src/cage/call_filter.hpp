#pragma once

#include "base/error.hpp"

#include <linux/filter.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace mpbridge::cage {

// seccomp: denies the system calls by which a process reaches past file rules: other processes,
// sockets, the metadata of files, the kernel's administration (docs/security.md has them).
class CallFilter {
  public:
    // As denied_calls().
    static base::Result<CallFilter> make(bool network, std::uint64_t exec_key);

    // For the calling thread and its children, for good; no_new_privs must be set. False with
    // errno set. Async-signal-safe.
    bool apply() const noexcept;

  private:
    explicit CallFilter(std::vector<sock_filter> program) : program_(std::move(program)) {}

    std::vector<sock_filter> program_; // with a placeholder for the pid of who applies it
};

} // namespace mpbridge::cage
