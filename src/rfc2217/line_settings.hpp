#pragma once

#include <cstdint>

namespace mpbridge::rfc2217 {

// The values of SET-PARITY and SET-STOPSIZE (RFC 2217 section 2).
enum class Parity : std::uint8_t { none = 1, odd = 2, even = 3, mark = 4, space = 5 };
enum class StopSize : std::uint8_t { one = 1, two = 2, one_and_half = 3 };

// How a client wants the server's serial line to be. A baud rate of 0, or a data size outside 5 to
// 8, is no wish: the server keeps what it has.
struct LineSettings {
    std::uint32_t baud_rate = 115200;
    std::uint8_t data_size = 8;
    Parity parity = Parity::none;
    StopSize stop_size = StopSize::one;
};

} // namespace mpbridge::rfc2217
