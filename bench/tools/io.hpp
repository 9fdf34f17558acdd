#pragma once

#include "base/bytes.hpp"
#include "posix/descriptor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

// Blocking I/O for the programs that measure. Whatever fails ends them, so it throws.
namespace mpbridge::bench {

// The same everywhere, so that nothing but the way between the two ends differs.
inline constexpr std::size_t buffer_size = 64 * 1024;
using Buffer = std::array<std::uint8_t, buffer_size>;

// The other end has closed.
class Closed : public std::runtime_error {
  public:
    Closed() : std::runtime_error("the other end has closed") {}
};

[[noreturn]] void throw_errno(const char* what);

void write_all(int descriptor, base::ByteView data);
void write_all(int descriptor, std::string_view text);

// What is there, at least a byte, in the front of `buffer`. A PTY whose other side has closed
// counts as closed as well.
base::ByteView read_some(int descriptor, std::span<std::uint8_t> buffer);

// TCP on this machine, without delay by Nagle's algorithm.
posix::Descriptor connect_to(std::uint16_t port);
posix::Descriptor listen_on(std::uint16_t port); // 0: any that is free
std::uint16_t port_of(int listener);
posix::Descriptor accept_on(int listener);

} // namespace mpbridge::bench
