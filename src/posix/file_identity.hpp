#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace mpbridge::posix {

// Tells whether a path still leads to the same file, with nothing written to it since. What comes
// and goes in a directory does not count.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_ns = 0; // since the epoch

    // Nothing when there is no such file.
    static std::optional<FileIdentity> of(const std::string& path);

    bool operator==(const FileIdentity&) const = default;
};

} // namespace mpbridge::posix
