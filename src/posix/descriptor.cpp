#include "posix/descriptor.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace mpbridge::posix {
namespace {

template <class Call>
Transfer transfer(Call call, bool zero_is_end) {
    ssize_t count = -1;
    do {
        count = call();
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        return {.count = static_cast<std::size_t>(count)};
    }
    if (count == 0) {
        return {.ended = zero_is_end};
    }
    const bool not_ready = errno == EAGAIN || errno == EWOULDBLOCK;
    return {.ended = !not_ready, .error = not_ready ? 0 : errno};
}

} // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

void Descriptor::reset() {
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

bool can_be_read(int fd) {
    pollfd query{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&query, 1, 0) > 0 && (query.revents & POLLIN) != 0;
}

bool is_hung_up(int fd) {
    pollfd query{.fd = fd, .events = 0, .revents = 0};
    return ::poll(&query, 1, 0) > 0 && (query.revents & POLLHUP) != 0;
}

Transfer read_some(int fd, std::span<std::uint8_t> into) {
    return transfer([&] { return ::read(fd, into.data(), into.size()); }, true);
}

Transfer write_some(int fd, base::ByteView bytes) {
    return transfer([&] { return ::write(fd, bytes.data(), bytes.size()); }, false);
}

Transfer receive_some(int fd, std::span<std::uint8_t> into) {
    return transfer([&] { return ::recv(fd, into.data(), into.size(), 0); }, true);
}

Transfer send_some(int fd, base::ByteView bytes) {
    return transfer([&] { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); }, false);
}

} // namespace mpbridge::posix
