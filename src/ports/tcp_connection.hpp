#pragma once

#include "ports/connection.hpp"
#include "ports/delivery_watch.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace mpbridge::ports {

// A client that is connected by TCP.
class TcpConnection : public Connection {
  public:
    // Reads on first, as what the client sent before may stand in the way of the news.
    bool has_closed() override;

    // For a connection that is not to be served.
    boost::asio::ip::tcp::socket give_up_socket() { return std::move(socket_); }

  protected:
    TcpConnection(boost::asio::ip::tcp::socket socket, const Surroundings& surroundings,
                  Writer::Encoder encode);

    void cut() override;

  private:
    posix::Transfer receive(std::span<std::uint8_t> into) override;
    boost::asio::awaitable<void> readable() override;
    boost::asio::awaitable<void> writable() override;
    bool peer_is_gone() override;
    bool may_still_read() const override { return true; }
    posix::Transfer send(base::ByteView bytes);
    int fd() { return socket_.native_handle(); }

    boost::asio::ip::tcp::socket socket_;
    DeliveryWatch delivery_watch_;
};

// "ADDRESS:PORT", IPv6 in brackets, IPv4 clients of IPv6 listeners as IPv4.
std::string endpoint_name(const boost::asio::ip::tcp::endpoint& endpoint);

} // namespace mpbridge::ports
