#include "cage/limits.hpp"

#include <sys/resource.h>

#include <csignal>

namespace mpbridge::cage {
namespace {

bool limit(decltype(RLIMIT_AS) resource, const std::optional<std::uint64_t>& most) {
    const rlimit value{.rlim_cur = most.value_or(0), .rlim_max = most.value_or(0)};
    return !most || ::setrlimit(resource, &value) == 0;
}

} // namespace

bool Limits::apply() const noexcept {
    if (file_size) {
        // Its default action would end the process.
        ::signal(SIGXFSZ, SIG_IGN);
    }
    return limit(RLIMIT_AS, memory) && limit(RLIMIT_NOFILE, files) &&
           limit(RLIMIT_FSIZE, file_size);
}

} // namespace mpbridge::cage
