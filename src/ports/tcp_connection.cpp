#include "ports/tcp_connection.hpp"

#include "posix/tcp.hpp"

namespace mpbridge::ports {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

namespace {

std::string peer_name(const tcp::socket& socket) {
    boost::system::error_code gone;
    return endpoint_name(socket.remote_endpoint(gone));
}

} // namespace

std::string endpoint_name(const tcp::endpoint& endpoint) {
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    }
    const auto text = address.to_string();
    const auto host = address.is_v6() ? "[" + text + "]" : text;
    return host + ":" + std::to_string(endpoint.port());
}

TcpConnection::TcpConnection(tcp::socket socket, const Surroundings& surroundings,
                             Writer::Encoder encode)
    : Connection(socket.get_executor(), surroundings, peer_name(socket),
                 Writer([this](base::ByteView bytes) { return send(bytes); }, std::move(encode))),
      socket_(std::move(socket)), delivery_watch_(executor(), fd(), [this] {
          log().info("Client " + peer() + " does not answer any more");
          close();
      }) {}

posix::Transfer TcpConnection::receive(std::span<std::uint8_t> into) {
    return posix::receive_some(fd(), into);
}

awaitable<void> TcpConnection::readable() {
    co_await socket_.async_wait(tcp::socket::wait_read, board::as_result);
}

awaitable<void> TcpConnection::writable() {
    co_await socket_.async_wait(tcp::socket::wait_write, board::as_result);
}

bool TcpConnection::has_closed() {
    const auto closed = [this] {
        return is_closed() || is_half_closed() || posix::peer_has_closed(fd());
    };
    // Before it is attached, its input has to wait until the former client's business is over.
    if (const bool already = closed(); already || !is_attached()) {
        return already;
    }
    // The end of file may stand behind more than the board would take otherwise.
    read_on(line().total_input_room());
    return closed();
}

bool TcpConnection::peer_is_gone() { return posix::connection_was_reset(fd()); }

void TcpConnection::cut() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.cancel(ignored);
    delivery_watch_.cancel();
}

posix::Transfer TcpConnection::send(base::ByteView bytes) {
    delivery_watch_.sending();
    return posix::send_some(fd(), bytes);
}

} // namespace mpbridge::ports
