#include "ports/refusal.hpp"

#include "base/bytes.hpp"
#include "board/event.hpp"
#include "posix/descriptor.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>

namespace mpbridge::ports {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

namespace {

constexpr std::string_view busy = "\r\nError: Device busy - another client is connected\r\n";
constexpr auto patience = std::chrono::seconds(1);

// A little at a time, so that whoever has the board is served in between.
awaitable<void> read_away(tcp::socket& socket) {
    std::array<std::uint8_t, 4096> ignored;
    while (!posix::receive_some(socket.native_handle(), ignored).ended) {
        co_await socket.async_wait(tcp::socket::wait_read, boost::asio::use_awaitable);
    }
}

} // namespace

void tell_busy(tcp::socket& socket) {
    posix::send_some(socket.native_handle(), base::bytes_of(busy));
}

awaitable<void> refuse(tcp::socket socket, std::shared_ptr<const void> /*ticket*/) {
    using boost::asio::experimental::awaitable_operators::operator||;
    tell_busy(socket);
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    boost::asio::steady_timer deadline(socket.get_executor(), patience);
    co_await (read_away(socket) || deadline.async_wait(boost::asio::use_awaitable));
}

} // namespace mpbridge::ports
