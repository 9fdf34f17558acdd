#include "cage/denied_calls.hpp"

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>

namespace mpbridge::cage {
namespace {

// Of machines of 32 bits too, which have more names for some.
constexpr std::array always{
    // Other processes.
    "kcmp",
    "migrate_pages",
    "move_pages",
    "pidfd_getfd",
    "pidfd_open",
    "pidfd_send_signal",
    "process_madvise",
    "process_mrelease",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    // Mode, owner, times and extended attributes; by descriptor too, for reading is enough to have
    // one.
    "chmod",
    "chown",
    "chown32",
    "fchmod",
    "fchmodat",
    "fchown",
    "fchown32",
    "fchownat",
    "fremovexattr",
    "fsetxattr",
    "futimesat",
    "lchown",
    "lchown32",
    "lremovexattr",
    "lsetxattr",
    "removexattr",
    "setxattr",
    "utime",
    "utimensat",
    "utimensat_time64",
    "utimes",
    // Files past their paths, or past what Landlock of ABI 2 sees.
    "fanotify_init",
    "inotify_add_watch",
    "name_to_handle_at",
    "open_by_handle_at",
    "truncate",
    "truncate64",
    // File systems.
    "chroot",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "mount",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "pivot_root",
    "quotactl",
    "quotactl_fd",
    "swapoff",
    "swapon",
    "umount",
    "umount2",
    "setns",
    "unshare",
    // What processes of a user share besides files.
    "add_key",
    "keyctl",
    "mq_open",
    "mq_unlink",
    "msgctl",
    "msgget",
    "msgrcv",
    "msgsnd",
    "request_key",
    "semctl",
    "semget",
    "semop",
    "semtimedop",
    "shmat",
    "shmctl",
    "shmget",
    "socketpair",
    // The kernel and its devices.
    "acct",
    "adjtimex",
    "bpf",
    "clock_adjtime",
    "clock_adjtime64",
    "clock_settime",
    "clock_settime64",
    "delete_module",
    "finit_module",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "ioperm",
    "iopl",
    "kexec_file_load",
    "kexec_load",
    "lookup_dcookie",
    "modify_ldt",
    "nfsservctl",
    "perf_event_open",
    "reboot",
    "setdomainname",
    "sethostname",
    "settimeofday",
    "stime",
    "syslog",
    "userfaultfd",
    "vhangup",
};

// The kernel looks at the lower half of an int only.
constexpr std::uint64_t int_bits = 0xffff'ffff;

scmp_arg_cmp is_int(unsigned int argument, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, int_bits, value};
}

scmp_arg_cmp has_bits(unsigned int argument, std::uint64_t mask, std::uint64_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

scmp_arg_cmp is_not(unsigned int argument, std::uint64_t value) {
    return {argument, SCMP_CMP_NE, value, 0};
}

void append(std::vector<DeniedCall>& to, const std::vector<DeniedCall>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

std::vector<DeniedCall> new_processes() {
    return {{"fork", EAGAIN},
            {"vfork", EAGAIN},
            {"clone", EAGAIN, {has_bits(0, CLONE_THREAD, 0)}},
            // Its flags are in memory, out of a filter's sight: the C library falls back to clone.
            {"clone3", ENOSYS}};
}

// A thread that executes one becomes a process that does not end with the bridge.
std::vector<DeniedCall> new_programs(std::uint64_t exec_key) {
    return {{"execve", EACCES, {is_not(3, exec_key)}}, {"execveat", EACCES}};
}

// 0 is the caller itself.
std::vector<DeniedCall> calls_on_other_processes() {
    constexpr int io_priority_of_process = 1; // <linux/ioprio.h> is not always C++
    std::vector<DeniedCall> calls{
        {"setpriority", EPERM, {is_not(0, PRIO_PROCESS)}},
        {"setpriority", EPERM, {is_not(1, 0)}},
        {"ioprio_set", EPERM, {is_not(0, io_priority_of_process)}},
        {"ioprio_set", EPERM, {is_not(1, 0)}},
    };
    for (const auto* name : {"prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam",
                             "sched_setscheduler"}) {
        calls.push_back({name, EPERM, {is_not(0, 0)}});
    }
    for (const auto* name : {"kill", "tgkill", "tkill"}) {
        calls.push_back({name, EPERM, {is_not(0, own_pid)}});
    }
    return calls;
}

// By which the kernel is told to signal another process, or to hold up its opening of a file; or
// not to end this one together with the bridge.
std::vector<DeniedCall> orders_to_the_kernel() {
    std::vector<DeniedCall> calls{{"prctl", EPERM, {is_int(0, PR_SET_PDEATHSIG)}}};
    constexpr int set_owner_ex = 15;
    for (const auto* name : {"fcntl", "fcntl64"}) {
        for (const int command : {F_SETOWN, set_owner_ex, F_SETSIG, F_SETLEASE}) {
            calls.push_back({name, EPERM, {is_int(1, static_cast<unsigned int>(command))}});
        }
    }
    return calls;
}

// Which Landlock lets pass: opening for neither reading nor writing needs no right, and, of ABI 2,
// truncating needs no other one than that.
std::vector<DeniedCall> opening_without_rights() {
    constexpr std::uint64_t truncating = O_ACCMODE | O_TRUNC;
    return {{"open", EACCES, {has_bits(1, O_ACCMODE, O_ACCMODE)}},
            {"openat", EACCES, {has_bits(2, O_ACCMODE, O_ACCMODE)}},
            {"open", EACCES, {has_bits(1, truncating, O_RDONLY | O_TRUNC)}},
            {"openat", EACCES, {has_bits(2, truncating, O_RDONLY | O_TRUNC)}},
            // Its flags are in memory.
            {"openat2", ENOSYS}};
}

std::vector<DeniedCall> sockets(bool network) {
    if (!network) {
        return {{"socket"}};
    }
    constexpr std::uint64_t type_bits = 0xf;
    std::vector<DeniedCall> calls{
        {"socket", EPERM, {{0, SCMP_CMP_LT, AF_INET, 0}}},
        {"socket", EPERM, {{0, SCMP_CMP_GT, AF_INET6, 0}}},
        {"socket", EPERM, {has_bits(1, type_bits, SOCK_RAW)}},
        {"socket", EPERM, {has_bits(1, type_bits, SOCK_PACKET)}},
    };
    for (int family = AF_INET + 1; family < AF_INET6; ++family) {
        calls.push_back({"socket", EPERM, {is_int(0, static_cast<unsigned int>(family))}});
    }
    return calls;
}

} // namespace

std::vector<DeniedCall> denied_calls(bool network, std::uint64_t exec_key) {
    std::vector<DeniedCall> calls;
    calls.reserve(always.size());
    for (const auto* name : always) {
        calls.push_back({name});
    }
    append(calls, new_processes());
    append(calls, new_programs(exec_key));
    append(calls, calls_on_other_processes());
    append(calls, orders_to_the_kernel());
    append(calls, opening_without_rights());
    append(calls, sockets(network));
    return calls;
}

const std::vector<std::uint32_t>& allowed_controls() {
    static const std::vector<std::uint32_t> controls{
        TCGETS,     TCGETS2,    TCSETS,   TCSETS2, TCSETSW,   TCSETSW2,  TCSETSF,  TCSETSF2,
        TCSBRK,     TCSBRKP,    TCXONC,   TCFLSH,  TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCOUTQ,
        TIOCGWINSZ, TIOCSWINSZ, FIONREAD, FIONBIO, FIONCLEX,  FIOCLEX,
    };
    return controls;
}

} // namespace mpbridge::cage
