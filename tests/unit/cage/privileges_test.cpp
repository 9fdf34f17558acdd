#include "cage/privileges.hpp"

#include "cage/in_child.hpp"

#include <gtest/gtest.h>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace mpbridge::cage {
namespace {

unsigned int permitted_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    ::syscall(SYS_capget, &header, sets.data());
    return sets[0].permitted | sets[1].permitted;
}

TEST(Privileges, AreGoneForGood) {
    EXPECT_TRUE(in_child([] {
        rlimit core{};
        return drop_privileges() && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
               (permitted_capabilities() & ~(1U << unsigned{CAP_DAC_OVERRIDE})) == 0 &&
               ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
    }));
}

TEST(Privileges, DoNotComeBackWithAProgram) {
    EXPECT_TRUE(in_child([] {
        drop_privileges();
        ::execl("/bin/sh", "sh", "-c",
                "grep -qE '^CapEff:\\s*000000000000000[02]$' /proc/self/status && "
                "grep -qE '^CapBnd:\\s*0000000000000002$' /proc/self/status || test $(id -u) != 0",
                nullptr);
        return false;
    }));
}

} // namespace
} // namespace mpbridge::cage
