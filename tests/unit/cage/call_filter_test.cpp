#include "cage/call_filter.hpp"

#include "cage/denied_calls.hpp"
#include "cage/in_child.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

namespace mpbridge::cage {
namespace {

constexpr int newer_than_all = newest_known_call + 1;
constexpr std::uint64_t exec_key = 0x1234'5678'9abc'def0;

template <class Question>
bool filtered(const Question& question, bool network = false) {
    const auto filter = CallFilter::make(network, exec_key);
    return filter.has_value() && in_child([&] {
               return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter->apply() &&
                      question();
           });
}

// What the kernel says to a call whose other arguments are all 0.
int error_of(long number, long first = 0, long second = 0, long third = 0) {
    return ::syscall(number, first, second, third, 0, 0, 0) < 0 ? errno : 0;
}

TEST(CallFilter, AllowsWhatAProgramDoesToItself) {
    EXPECT_TRUE(filtered([] {
        std::thread([] {}).join();
        return ::kill(::getpid(), 0) == 0 && ::raise(SIGURG) == 0 && ::nice(1) != -1;
    }));
}

TEST(CallFilter, DeniesProcesses) {
    EXPECT_TRUE(filtered(
        [] { return error_of(SYS_clone, SIGCHLD) == EAGAIN && error_of(SYS_clone3) == ENOSYS; }));
}

TEST(CallFilter, ExecutesForWhoKnowsTheKey) {
    const auto executed_with = [](std::uint64_t key) {
        return filtered([key] {
            std::array<char*, 2> words{const_cast<char*>("/bin/true"), nullptr};
            ::syscall(SYS_execve, words[0], words.data(), words.data() + 1, key);
            return false;
        });
    };
    EXPECT_TRUE(executed_with(exec_key));
    EXPECT_FALSE(executed_with(exec_key + 1));
    EXPECT_FALSE(executed_with(exec_key & 0xffff'ffff));
    EXPECT_FALSE(executed_with(0));
}

TEST(CallFilter, DeniesOtherProcesses) {
    EXPECT_TRUE(filtered([parent = ::getppid()] {
        return error_of(SYS_kill, parent) == EPERM && error_of(SYS_kill, -1) == EPERM &&
               error_of(SYS_tgkill, parent, parent) == EPERM &&
               error_of(SYS_prlimit64, parent) == EPERM &&
               error_of(SYS_pidfd_open, parent) == EPERM &&
               error_of(SYS_setpriority, PRIO_USER) == EPERM;
    }));
}

// The kernel ignores the upper half of an int, so must the filter.
TEST(CallFilter, IsNotFooledByUpperBits) {
    constexpr long upper = 1L << 32;
    EXPECT_TRUE(filtered(
        [] {
            return error_of(SYS_fcntl, 0, upper | F_SETOWN, ::getppid()) == EPERM &&
                   error_of(SYS_prctl, upper | PR_SET_PDEATHSIG) == EPERM &&
                   error_of(SYS_socket, upper | AF_UNIX, SOCK_STREAM) == EPERM &&
                   error_of(SYS_socket, upper | AF_NETLINK, SOCK_RAW) == EPERM &&
                   error_of(SYS_socket, AF_INET, upper | SOCK_RAW) == EPERM;
        },
        true));
}

TEST(CallFilter, DeniesSocketsUnlessThereIsANetwork) {
    for (const int family : {AF_INET, AF_INET6}) {
        const auto denied = [family] { return ::socket(family, SOCK_DGRAM, 0) < 0; };
        EXPECT_TRUE(filtered(denied));
        EXPECT_FALSE(filtered(denied, true));
    }
    for (const int family : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_X25, AF_UNSPEC}) {
        const auto denied = [family] { return error_of(SYS_socket, family, SOCK_DGRAM) == EPERM; };
        EXPECT_TRUE(filtered(denied)) << family;
        EXPECT_TRUE(filtered(denied, true)) << family;
    }
}

TEST(CallFilter, DeniesMetadata) {
    const test::TemporaryDirectory directory;
    const auto file = directory.write("file", "text");
    EXPECT_TRUE(filtered([&] {
        const int reader = ::open(file.c_str(), O_RDONLY);
        return ::chmod(file.c_str(), 0777) != 0 && ::fchmod(reader, 0777) != 0 &&
               ::futimens(reader, nullptr) != 0 && ::truncate(file.c_str(), 0) != 0 &&
               ::open(file.c_str(), O_RDONLY | O_TRUNC) < 0 &&
               ::open(file.c_str(), O_WRONLY | O_TRUNC) >= 0;
    }));
}

TEST(CallFilter, LeavesOutCallsThatAreTooNew) {
    EXPECT_TRUE(filtered([] { return error_of(newer_than_all) == ENOSYS; }));
}

// Each of the table is known to the library: what is misspelt would go through.
TEST(CallFilter, CanBeMade) {
    EXPECT_TRUE(CallFilter::make(false, exec_key));
    EXPECT_TRUE(CallFilter::make(true, exec_key));
}

} // namespace
} // namespace mpbridge::cage
