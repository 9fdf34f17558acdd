#include "posix/tcp.hpp"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace mpbridge::posix {
namespace {

constexpr int idle_s = 10;
constexpr int interval_s = 5;
constexpr int probes = 3;
constexpr int user_timeout_ms = 25'000;
constexpr int dead_after_window_probes = 4;

void set(int fd, int level, int option, int value) {
    // Best effort: a connection works without any of these.
    ::setsockopt(fd, level, option, &value, sizeof value);
}

int states(int fd) {
    pollfd query{.fd = fd, .events = POLLRDHUP, .revents = 0};
    return ::poll(&query, 1, 0) > 0 ? query.revents : 0;
}

} // namespace

void set_client_options(int fd) {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
}

void close_on_exec(int fd) { ::fcntl(fd, F_SETFD, FD_CLOEXEC); }

bool peer_has_closed(int fd) { return (states(fd) & (POLLRDHUP | POLLHUP | POLLERR)) != 0; }

bool connection_was_reset(int fd) { return (states(fd) & (POLLHUP | POLLERR)) != 0; }

Stall check_stall(int fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return Stall::none;
    }
    const bool window_closed = info.tcpi_unacked == 0 && info.tcpi_notsent_bytes > 0;
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, window_closed ? 0 : user_timeout_ms);
    if (!window_closed) {
        return Stall::none;
    }
    // An answer to a window probe resets the count.
    return info.tcpi_probes >= dead_after_window_probes ? Stall::peer_gone
                                                        : Stall::peer_not_reading;
}

} // namespace mpbridge::posix
