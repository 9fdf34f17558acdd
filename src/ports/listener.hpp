#pragma once

#include "base/error.hpp"
#include "base/log.hpp"
#include "ports/accept_failures.hpp"
#include "ports/doorman.hpp"
#include "ports/tcp_connection.hpp"
#include "posix/descriptor.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mpbridge::ports {

// Accepts the connections of one port, on one or more addresses, and hands them to the gate.
class Listener {
  public:
    using Factory = std::function<std::shared_ptr<TcpConnection>(boost::asio::ip::tcp::socket,
                                                                 const Surroundings&)>;

    // A port that is free, the same at all addresses.
    static constexpr std::uint16_t any_port = 0;

    // `title` names the protocol in errors. An empty host: all interfaces, IPv4 and IPv6.
    static base::Result<std::unique_ptr<Listener>>
    open(const boost::asio::any_io_executor& executor, std::string_view title,
         const std::string& host, std::uint16_t port, Factory make,
         const Surroundings& surroundings);

    // The same on sockets that listen already. An error: one of them does not, or is not TCP's.
    static base::Result<std::unique_ptr<Listener>>
    adopt(const boost::asio::any_io_executor& executor, std::string_view title,
          std::vector<posix::Descriptor> sockets, Factory make, const Surroundings& surroundings);

    std::vector<boost::asio::ip::tcp::endpoint> local_endpoints() const;

    // Accepts from now on, until close(), whom the doorman lets in.
    void start(Doorman& doorman);
    void close();

    // The one that clients connect to, whatever was asked for.
    std::uint16_t port() const;

    // Whether anyone beyond this machine can reach it.
    bool beyond_loopback() const;

  private:
    using Acceptor = boost::asio::ip::tcp::acceptor;

    Listener(Factory make, const Surroundings& surroundings)
        : make_(std::move(make)), surroundings_(surroundings), failures_(surroundings.log) {}

    boost::system::error_code bind_all(const boost::asio::any_io_executor& executor,
                                       std::vector<boost::asio::ip::tcp::endpoint> endpoints);
    boost::system::error_code bind(const boost::asio::any_io_executor& executor,
                                   const boost::asio::ip::tcp::endpoint& endpoint);
    base::Result<void> adopt(const boost::asio::any_io_executor& executor,
                             posix::Descriptor socket);
    boost::asio::awaitable<void> accept_all(Acceptor& acceptor, Doorman& doorman);
    std::string try_to_welcome(boost::asio::ip::tcp::socket socket);
    void welcome(boost::asio::ip::tcp::socket socket);
    void turn_away(TcpConnection& connection);

    Factory make_;
    Surroundings surroundings_;
    AcceptFailures failures_;
    bool adopted_ = false;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

} // namespace mpbridge::ports
