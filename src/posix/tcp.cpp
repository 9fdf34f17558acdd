#include "posix/tcp.hpp"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace mpbridge::posix {
namespace {

constexpr int idle_s = 10;
constexpr int interval_s = 5;
constexpr int probes = 3;
constexpr unsigned dead_after_silence_ms = 20'000;
constexpr int dead_after_window_probes = 4;

void set(int fd, int level, int option, int value) {
    // Best effort: a connection works without any of these.
    ::setsockopt(fd, level, option, &value, sizeof value);
}

// Those that are asked for here cannot be negative.
int get(int fd, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

int states(int fd) {
    pollfd query{.fd = fd, .events = POLLRDHUP, .revents = 0};
    return ::poll(&query, 1, 0) > 0 ? query.revents : 0;
}

// An answer resets the count.
bool leaves_window_probes_unanswered(const tcp_info& info) {
    return info.tcpi_probes >= dead_after_window_probes;
}

// While something waits to be acknowledged it is sent again and again, ever more rarely.
bool leaves_data_unanswered(const tcp_info& info) {
    return info.tcpi_last_ack_recv >= dead_after_silence_ms &&
           info.tcpi_last_ack_recv > info.tcpi_last_data_sent;
}

} // namespace

void set_client_options(int fd) {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

void close_on_exec(int fd) { ::fcntl(fd, F_SETFD, FD_CLOEXEC); }

base::Result<IpVersion> listening_ip_version(int fd) {
    const int domain = get(fd, SO_DOMAIN);
    if (domain < 0) {
        return base::system_error("not a socket", errno);
    }
    if ((domain != AF_INET && domain != AF_INET6) || get(fd, SO_TYPE) != SOCK_STREAM) {
        return base::Error{"not a TCP socket"};
    }
    if (get(fd, SO_ACCEPTCONN) != 1) {
        return base::Error{"not a socket that listens"};
    }
    return domain == AF_INET ? IpVersion::v4 : IpVersion::v6;
}

bool peer_has_closed(int fd) { return (states(fd) & (POLLRDHUP | POLLHUP | POLLERR)) != 0; }

bool connection_was_reset(int fd) { return (states(fd) & (POLLHUP | POLLERR)) != 0; }

Delivery delivery(int fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return Delivery::done;
    }
    if (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0) {
        return Delivery::done;
    }
    const bool window_closed = info.tcpi_unacked == 0;
    const bool gone =
        window_closed ? leaves_window_probes_unanswered(info) : leaves_data_unanswered(info);
    return gone ? Delivery::peer_gone : Delivery::under_way;
}

} // namespace mpbridge::posix
