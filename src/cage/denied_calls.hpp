#pragma once

#include <seccomp.h>

#include <cerrno>
#include <cstdint>
#include <vector>

namespace mpbridge::cage {

// System calls up to this one are known to denied_calls(). It is Linux 6.0's last one; numbers are
// the same on all machines from 424 on.
inline constexpr std::uint32_t newest_known_call = 450;

// Stands for the pid of the process that is to be confined; more than a pid can be.
inline constexpr std::uint32_t own_pid = 0x7fff'4d50;

struct DeniedCall {
    const char* name;
    int error = EPERM;
    std::vector<scmp_arg_cmp> when = {}; // all of these; empty: always
};

// With `network`, sockets of IPv4 and IPv6 are allowed, but no raw ones. A program is executed only
// by who knows the key (ChildSetup::exec_key()).
std::vector<DeniedCall> denied_calls(bool network, std::uint64_t exec_key);

// What may be asked of a descriptor by ioctl, as far as a terminal and any stream need it: others
// change files that are open for reading only.
const std::vector<std::uint32_t>& allowed_controls();

} // namespace mpbridge::cage
