#pragma once

#include "tools/line.hpp"
#include "tools/pattern.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace mpbridge::bench {

using Duration = std::chrono::nanoseconds;
using Samples = std::vector<Duration>;

// Drops what comes until the program has answered, so that what was before is not measured.
void synchronise(Line& line);

// One byte to the program and back, `count` times, one after the other, after `warm_up` more that
// are not measured. `pause` is called before the measured ones and after them.
Samples echo(Line& line, std::size_t count, std::size_t warm_up,
             const std::function<void()>& pause);

// How long it takes until `size` bytes from the program are here. They are compared with what they
// have to be; throws if any is not.
Duration bulk_out(Line& line, Kind kind, std::size_t size);

// How long it takes until the program has read `size` bytes and said that they are right; throws
// if they are not.
Duration bulk_in(Line& line, std::size_t size);

// From the close of the connection to the first answer over the next one.
Samples hand_over(Line& line, std::size_t count);

// From connecting to a port whose board is taken until its refusal is read to the end.
Samples refusal(std::uint16_t port, std::size_t count);

// What it takes to connect to a listening socket on this machine.
Samples connecting(std::size_t count);

} // namespace mpbridge::bench
