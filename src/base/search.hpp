#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace mpbridge::base {

// Where `byte` comes first in `bytes`; the size of `bytes` if it does not.
inline std::size_t find(ByteView bytes, std::uint8_t byte) {
    if (bytes.empty()) {
        return 0;
    }
    const auto* found =
        static_cast<const std::uint8_t*>(std::memchr(bytes.data(), byte, bytes.size()));
    return found == nullptr ? bytes.size() : static_cast<std::size_t>(found - bytes.data());
}

// Where one of two bytes comes first; the size of `bytes` if none does. Goes on in windows: to
// search all of `bytes` for the one would be done again for each of the other.
inline std::size_t find_either(ByteView bytes, std::uint8_t one, std::uint8_t other) {
    constexpr std::size_t window_size = 256;
    for (std::size_t offset = 0; offset < bytes.size(); offset += window_size) {
        const auto window = bytes.subspan(offset, std::min(window_size, bytes.size() - offset));
        const auto found = find(window.first(find(window, one)), other);
        if (found < window.size()) {
            return offset + found;
        }
    }
    return bytes.size();
}

} // namespace mpbridge::base
