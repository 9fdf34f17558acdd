#include "ports/refusal.hpp"

#include "base/bytes.hpp"
#include "board/event.hpp"
#include "posix/descriptor.hpp"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <memory>

namespace mpbridge::ports {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

namespace {

constexpr auto patience = std::chrono::seconds(1);

// Shared with the timer, whose handler may be due already when all else is over.
struct Refused {
    tcp::socket socket;
    boost::asio::steady_timer deadline{socket.get_executor(), patience};
    bool expired = false;
};

void close_in_time(const std::shared_ptr<Refused>& refused) {
    refused->deadline.async_wait([refused](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            refused->expired = true;
            boost::system::error_code ignored;
            refused->socket.cancel(ignored);
        }
    });
}

} // namespace

void tell_busy(tcp::socket& socket) {
    posix::send_some(socket.native_handle(), base::bytes_of(busy_text));
}

awaitable<void> refuse(tcp::socket socket, std::shared_ptr<const void> /*ticket*/) {
    tell_busy(socket);
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);

    const auto refused = std::make_shared<Refused>(Refused{.socket = std::move(socket)});
    close_in_time(refused);
    std::array<std::uint8_t, 4096> unread;
    // A little at a time, so that whoever has the board is served in between.
    while (!refused->expired &&
           !posix::receive_some(refused->socket.native_handle(), unread).ended) {
        co_await refused->socket.async_wait(tcp::socket::wait_read, board::as_result);
    }
    refused->deadline.cancel();
}

} // namespace mpbridge::ports
