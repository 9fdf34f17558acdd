#include "posix/notify_socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace mpbridge::posix {

base::Result<NotifySocket> NotifySocket::open(const std::string& address) {
    NotifySocket notify;
    const bool abstract = address.starts_with('@');
    if ((!abstract && !address.starts_with('/')) || address.size() < 2 ||
        address.size() >= sizeof notify.address_.sun_path) {
        return base::Error{"Not the address of a notification socket: " + address};
    }
    notify.address_.sun_family = AF_UNIX;
    std::copy(address.begin(), address.end(), notify.address_.sun_path);
    // A path has a null byte behind it; an abstract name has one in place of the @, and ends where
    // the address does.
    notify.address_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (abstract) {
        notify.address_.sun_path[0] = '\0';
    } else {
        ++notify.address_size_;
    }
    notify.socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!notify.socket_) {
        return base::system_error("Cannot make a socket", errno);
    }
    return notify;
}

int NotifySocket::send(std::string_view lines) const {
    const auto* address = reinterpret_cast<const sockaddr*>(&address_);
    const auto sent =
        ::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL, address, address_size_);
    return sent < 0 ? errno : 0;
}

} // namespace mpbridge::posix
