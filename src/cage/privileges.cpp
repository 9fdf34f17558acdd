#include "cage/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace mpbridge::cage {
namespace {

constexpr auto kept = 1U << static_cast<unsigned int>(CAP_DAC_OVERRIDE);

// What executing a program as root would give back. Only who may change the set has something to
// lose by it: no_new_privs keeps all others from gaining.
void empty_bounding_set() {
    for (unsigned long each = 0; ::prctl(PR_CAPBSET_READ, each, 0, 0, 0) >= 0; ++each) {
        if (each != CAP_DAC_OVERRIDE) {
            ::prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
        }
    }
}

bool drop_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) {
        return false;
    }
    const auto left = sets[0].permitted & kept;
    sets = {};
    sets[0].permitted = sets[0].effective = left;
    return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

} // namespace

bool drop_privileges() noexcept {
    const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::setrlimit(RLIMIT_CORE, &no_core) != 0) {
        return false;
    }
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    empty_bounding_set();
    return drop_capabilities();
}

} // namespace mpbridge::cage
