#include "posix/group.hpp"

#include "base/linkage.hpp"

#include <grp.h>

#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>

namespace mpbridge::posix {
namespace {

// Without the shared libraries that know of other places.
[[maybe_unused]] std::optional<gid_t> group_in_file(const std::string& name) {
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> groups(std::fopen("/etc/group", "re"));
    while (groups) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): asked before there is any other thread
        const auto* group = ::fgetgrent(groups.get());
        if (group == nullptr) {
            break;
        }
        if (group->gr_name == name) {
            return group->gr_gid;
        }
    }
    return std::nullopt;
}

std::optional<gid_t> named_group(const std::string& name) {
    if constexpr (base::linked_statically) {
        return group_in_file(name);
    } else {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): asked before there is any other thread
        const auto* group = ::getgrnam(name.c_str());
        return group != nullptr ? std::optional(group->gr_gid) : std::nullopt;
    }
}

} // namespace

base::Result<gid_t> group_id(const std::string& name) {
    if (const auto named = named_group(name)) {
        return *named;
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
