#include "ports/refusal.hpp"

#include "base/bytes.hpp"
#include "board/event.hpp"
#include "posix/descriptor.hpp"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>

namespace mpbridge::ports {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

namespace {

constexpr std::string_view busy = "\r\nError: Device busy - another client is connected\r\n";
constexpr auto patience = std::chrono::seconds(1);

awaitable<void> read_away(tcp::socket& socket, const bool& expired) {
    std::array<std::uint8_t, 4096> ignored;
    while (!expired) {
        const auto got = posix::receive_some(socket.native_handle(), ignored);
        if (got.ended) {
            co_return;
        }
        if (got.count == 0) {
            co_await socket.async_wait(tcp::socket::wait_read, board::as_result);
        }
    }
}

} // namespace

awaitable<void> refuse(tcp::socket socket) {
    posix::send_some(socket.native_handle(), base::bytes_of(busy));
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);

    bool expired = false;
    boost::asio::steady_timer timer(socket.get_executor(), patience);
    timer.async_wait([&](const boost::system::error_code& error) {
        if (!error) {
            expired = true;
            socket.cancel();
        }
    });
    co_await read_away(socket, expired);
}

} // namespace mpbridge::ports
