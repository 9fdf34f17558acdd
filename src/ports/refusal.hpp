#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string_view>

namespace mpbridge::ports {

inline constexpr std::string_view busy_text =
    "\r\nError: Device busy - another client is connected\r\n";

// Tells a client that the board is taken, and closes so that the text arrives: what the client has
// sent is read away first, for at most a second, as a connection closed with data unread is reset.
// Holds the ticket meanwhile.
boost::asio::awaitable<void> refuse(boost::asio::ip::tcp::socket socket,
                                    std::shared_ptr<const void> ticket);

// Only the words, for when there is no time for more.
void tell_busy(boost::asio::ip::tcp::socket& socket);

} // namespace mpbridge::ports
