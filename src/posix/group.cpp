#include "posix/group.hpp"

#include <grp.h>

#include <charconv>

namespace mpbridge::posix {

base::Result<gid_t> group_id(const std::string& name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): asked before there is any other thread
    if (const auto* group = ::getgrnam(name.c_str())) {
        return group->gr_gid;
    }
    gid_t number = 0;
    const auto* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number == static_cast<gid_t>(-1)) {
        return base::Error{"There is no group " + name};
    }
    return number;
}

} // namespace mpbridge::posix
