#include "ports/listener.hpp"

#include "ports/gate.hpp"
#include "ports/host_lookup.hpp"
#include "ports/refusal.hpp"
#include "posix/tcp.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>
#include <chrono>

namespace mpbridge::ports {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

namespace {

// A number that is free at one address may be taken at the next one.
constexpr int attempts_at_any_port = 100;

// What to wait after a failure such as too many open files, which lasts.
constexpr auto accept_pause = std::chrono::milliseconds(100);

bool is_missing_ipv6(const tcp::endpoint& endpoint, const boost::system::error_code& error) {
    return endpoint.address().is_v6() &&
           (error == boost::asio::error::address_family_not_supported ||
            error == boost::system::errc::address_not_available);
}

base::Result<Endpoints> endpoints(const boost::asio::any_io_executor& executor,
                                  const std::string& host, std::uint16_t port) {
    if (host.empty()) {
        return Endpoints{{tcp::v4(), port}, {tcp::v6(), port}};
    }
    tcp::resolver resolver(executor);
    return look_up(resolver, host, port);
}

} // namespace

base::Result<std::unique_ptr<Listener>> Listener::open(const boost::asio::any_io_executor& executor,
                                                       std::string_view title,
                                                       const std::string& host, std::uint16_t port,
                                                       Factory make,
                                                       const Surroundings& surroundings) {
    const auto failed = [&](const std::string& reason) {
        const auto where = (host.empty() ? "0.0.0.0" : host) + ":" +
                           (port == any_port ? "auto" : std::to_string(port));
        return base::Error{"Cannot listen for " + std::string(title) + " on " + where + ": " +
                           reason};
    };
    const auto wanted = endpoints(executor, host, port);
    if (!wanted) {
        return failed(wanted.error().message);
    }
    std::unique_ptr<Listener> listener(new Listener(std::move(make), surroundings));
    auto error = listener->bind_all(executor, wanted.value());
    for (int attempt = 1; port == any_port && attempt < attempts_at_any_port &&
                          error == boost::asio::error::address_in_use;
         ++attempt) {
        error = listener->bind_all(executor, wanted.value());
    }
    if (error) {
        return failed(error.message());
    }
    return listener;
}

boost::system::error_code Listener::bind_all(const boost::asio::any_io_executor& executor,
                                             std::vector<tcp::endpoint> endpoints) {
    acceptors_.clear();
    boost::system::error_code missing = boost::asio::error::host_not_found;
    for (auto& endpoint : endpoints) {
        if (!acceptors_.empty()) {
            endpoint.port(port());
        }
        const auto error = bind(executor, endpoint);
        if (error && !is_missing_ipv6(endpoint, error)) {
            return error;
        }
        missing = error;
    }
    return acceptors_.empty() ? missing : boost::system::error_code();
}

boost::system::error_code Listener::bind(const boost::asio::any_io_executor& executor,
                                         const tcp::endpoint& endpoint) {
    auto acceptor = std::make_unique<Acceptor>(executor);
    boost::system::error_code error;
    if (acceptor->open(endpoint.protocol(), error)) {
        return error;
    }
    posix::close_on_exec(acceptor->native_handle());
    posix::set_client_options(acceptor->native_handle());
    if (endpoint.address().is_v6()) {
        acceptor->set_option(boost::asio::ip::v6_only(true), error);
    }
    acceptor->set_option(Acceptor::reuse_address(true), error);
    if (!acceptor->bind(endpoint, error).failed() && !acceptor->listen(128, error).failed()) {
        acceptors_.push_back(std::move(acceptor));
    }
    return error;
}

base::Result<std::unique_ptr<Listener>>
Listener::adopt(const boost::asio::any_io_executor& executor, std::string_view title,
                std::vector<posix::Descriptor> sockets, Factory make,
                const Surroundings& surroundings) {
    std::unique_ptr<Listener> listener(new Listener(std::move(make), surroundings));
    listener->adopted_ = true;
    for (auto& socket : sockets) {
        const auto number = std::to_string(socket.get());
        if (const auto adopted = listener->adopt(executor, std::move(socket)); !adopted) {
            return base::Error{"Cannot listen for " + std::string(title) + " on descriptor " +
                               number + ": " + adopted.error().message};
        }
    }
    return listener;
}

base::Result<void> Listener::adopt(const boost::asio::any_io_executor& executor,
                                   posix::Descriptor socket) {
    const auto version = posix::listening_ip_version(socket.get());
    if (!version) {
        return version.error();
    }
    posix::set_client_options(socket.get());
    const auto protocol = version.value() == posix::IpVersion::v4 ? tcp::v4() : tcp::v6();
    auto acceptor = std::make_unique<Acceptor>(executor);
    boost::system::error_code error;
    if (acceptor->assign(protocol, socket.get(), error)) {
        return base::Error{error.message()};
    }
    socket.release();
    acceptors_.push_back(std::move(acceptor));
    return {};
}

std::vector<tcp::endpoint> Listener::local_endpoints() const {
    std::vector<tcp::endpoint> all;
    for (const auto& acceptor : acceptors_) {
        all.push_back(acceptor->local_endpoint());
    }
    return all;
}

void Listener::start(Doorman& doorman) {
    for (const auto& acceptor : acceptors_) {
        boost::asio::co_spawn(acceptor->get_executor(), accept_all(*acceptor, doorman),
                              boost::asio::detached);
    }
}

void Listener::close() {
    for (const auto& acceptor : acceptors_) {
        boost::system::error_code ignored;
        acceptor->close(ignored);
    }
}

std::uint16_t Listener::port() const { return acceptors_.front()->local_endpoint().port(); }

bool Listener::beyond_loopback() const {
    return std::any_of(acceptors_.begin(), acceptors_.end(), [](const auto& acceptor) {
        return !acceptor->local_endpoint().address().is_loopback();
    });
}

awaitable<void> Listener::accept_all(Acceptor& acceptor, Doorman& doorman) {
    board::Sleep pause(acceptor.get_executor());
    tcp::endpoint peer;
    while (acceptor.is_open()) {
        auto [error, socket] = co_await acceptor.async_accept(peer, board::as_result);
        if (error == boost::asio::error::operation_aborted) {
            break;
        }
        std::string failure;
        if (error) {
            failure = error.message();
        } else if (doorman.lets_in(peer)) {
            failure = try_to_welcome(std::move(socket));
        } // else it is closed as it is, with all that it has sent
        if (failure.empty()) {
            failures_.accepted();
        } else {
            failures_.failed(failure);
            co_await pause.pass(accept_pause);
        }
    }
}

// Why it failed, or nothing. Whatever it is, it is to be no harm to those who come later.
std::string Listener::try_to_welcome(tcp::socket socket) {
    try {
        welcome(std::move(socket));
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

void Listener::welcome(tcp::socket socket) {
    boost::system::error_code ignored;
    socket.native_non_blocking(true, ignored);
    posix::close_on_exec(socket.native_handle());
    if (adopted_) {
        // One that connected before the listener was adopted has not inherited them.
        posix::set_client_options(socket.native_handle());
    }
    const auto connection = make_(std::move(socket), surroundings_);
    if (surroundings_.gate.admit(connection)) {
        connection->start();
    } else {
        turn_away(*connection);
    }
}

void Listener::turn_away(TcpConnection& connection) {
    surroundings_.log.info("Rejected " + std::string(connection.protocol()) + " connection from " +
                           connection.peer() + " - " + surroundings_.gate.refusal_reason());
    surroundings_.gate.count_refusal();
    auto socket = connection.give_up_socket();
    if (auto ticket = surroundings_.gate.refusal_ticket()) {
        const auto executor = socket.get_executor();
        boost::asio::co_spawn(executor, refuse(std::move(socket), std::move(ticket)),
                              boost::asio::detached);
    } else {
        tell_busy(socket);
    }
}

} // namespace mpbridge::ports
