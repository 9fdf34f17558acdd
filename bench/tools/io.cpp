#include "tools/io.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace mpbridge::bench {

namespace {

sockaddr_in here(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

posix::Descriptor tcp_socket() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        throw_errno("socket");
    }
    return posix::Descriptor(descriptor);
}

void send_at_once(int socket) {
    const int on = 1;
    if (::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        throw_errno("TCP_NODELAY");
    }
}

} // namespace

void throw_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void write_all(int descriptor, base::ByteView data) {
    while (!data.empty()) {
        const auto written = ::write(descriptor, data.data(), data.size());
        if (written < 0) {
            throw_errno("write");
        }
        data = data.subspan(static_cast<std::size_t>(written));
    }
}

void write_all(int descriptor, std::string_view text) {
    write_all(descriptor, base::bytes_of(text));
}

base::ByteView read_some(int descriptor, std::span<std::uint8_t> buffer) {
    const auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno == EIO)) {
        throw Closed();
    }
    if (got < 0) {
        throw_errno("read");
    }
    return buffer.first(static_cast<std::size_t>(got));
}

posix::Descriptor connect_to(std::uint16_t port) {
    auto socket = tcp_socket();
    const auto address = here(port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw_errno("connect");
    }
    send_at_once(socket.get());
    return socket;
}

posix::Descriptor listen_on(std::uint16_t port) {
    auto socket = tcp_socket();
    const int on = 1;
    const auto address = here(port);
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket.get(), SOMAXCONN) != 0) {
        throw_errno("listen");
    }
    return socket;
}

std::uint16_t port_of(int listener) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw_errno("getsockname");
    }
    return ntohs(address.sin_port);
}

posix::Descriptor accept_on(int listener) {
    const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) {
        throw_errno("accept");
    }
    posix::Descriptor socket(descriptor);
    send_at_once(descriptor);
    return socket;
}

} // namespace mpbridge::bench
