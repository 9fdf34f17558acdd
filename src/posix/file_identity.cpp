#include "posix/file_identity.hpp"

#include <sys/stat.h>

namespace mpbridge::posix {

std::optional<FileIdentity> FileIdentity::of(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) {
        return std::nullopt;
    }
    FileIdentity identity{.device = found.st_dev, .inode = found.st_ino};
    if (!S_ISDIR(found.st_mode)) {
        constexpr std::int64_t ns_per_s = 1'000'000'000;
        identity.size = found.st_size;
        identity.modified_ns = found.st_mtim.tv_sec * ns_per_s + found.st_mtim.tv_nsec;
    }
    return identity;
}

} // namespace mpbridge::posix
