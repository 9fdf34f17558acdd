#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstring>

namespace mpbridge::telnet {

// Where `byte` comes first in `bytes`; the size of `bytes` if it does not.
inline std::size_t find(base::ByteView bytes, std::uint8_t byte) {
    if (bytes.empty()) {
        return 0;
    }
    const auto* found =
        static_cast<const std::uint8_t*>(std::memchr(bytes.data(), byte, bytes.size()));
    return found == nullptr ? bytes.size() : static_cast<std::size_t>(found - bytes.data());
}

} // namespace mpbridge::telnet
