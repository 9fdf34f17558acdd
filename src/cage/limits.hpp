#pragma once

#include <cstdint>
#include <optional>

namespace mpbridge::cage {

// What a process may use (setrlimit(2)), each for good.
struct Limits {
    std::optional<std::uint64_t> memory = {};    // bytes of address space
    std::optional<std::uint64_t> files = {};     // open at a time
    std::optional<std::uint64_t> file_size = {}; // bytes; past it write fails with EFBIG

    bool any() const { return memory || files || file_size; }

    // For the calling process. False with errno set. Async-signal-safe.
    bool apply() const noexcept;
};

} // namespace mpbridge::cage
