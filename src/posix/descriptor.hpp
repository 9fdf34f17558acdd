#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <utility>

namespace mpbridge::posix {

// Owns a file descriptor and closes it.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset();

  private:
    int fd_ = -1;
};

// What one non-blocking read or write did. `ended` is end of file, or an error after which the
// descriptor is of no more use; `error` is then the errno value (0 at end of file).
struct Transfer {
    std::size_t count = 0;
    bool ended = false;
    int error = 0;
};

// Whether it is readable now. FIONREAD would miss what the kernel has not yet handed to a
// terminal's line discipline; poll waits for that.
bool can_be_read(int fd);

// Whether nobody has the other end of a terminal or pipe open any more.
bool is_hung_up(int fd);

// Both need a non-blocking descriptor and retry on EINTR; nothing moved and not ended means
// "not ready now".
Transfer read_some(int fd, std::span<std::uint8_t> into);
Transfer write_some(int fd, base::ByteView bytes);

// As above for sockets; never raises SIGPIPE.
Transfer receive_some(int fd, std::span<std::uint8_t> into);
Transfer send_some(int fd, base::ByteView bytes);

} // namespace mpbridge::posix
