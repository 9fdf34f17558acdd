#pragma once

#include <cstdint>

namespace mpbridge::posix {

// How a program has set a serial line; what of it a pseudo-terminal can have.
struct LineState {
    std::uint32_t baud_rate = 0; // any number; 0: hang up (B0)
    bool two_stop_bits = false;

    friend bool operator==(const LineState&, const LineState&) = default;
};

// Of a terminal. All zero when it cannot be told.
LineState line_state(int fd);

} // namespace mpbridge::posix
