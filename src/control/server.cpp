#include "control/server.hpp"

#include "board/event.hpp"
#include "control/request.hpp"
#include "posix/descriptor.hpp"
#include "posix/unix_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <chrono>

namespace mpbridge::control {

using boost::asio::awaitable;
using boost::asio::local::stream_protocol;

namespace {

constexpr auto patience = std::chrono::seconds(5);
constexpr long most_visits = 16;

// What to wait after a failure such as too many open files, which lasts.
constexpr auto accept_pause = std::chrono::milliseconds(100);

// Shared with the timer, whose handler may be due already when all else is over.
struct Visit {
    stream_protocol::socket socket;
    boost::asio::steady_timer deadline{socket.get_executor(), patience};
};

// Whatever the visitor does, or does not do.
void close_in_time(const std::shared_ptr<Visit>& visit) {
    visit->deadline.async_wait([visit](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            boost::system::error_code ignored;
            visit->socket.close(ignored);
        }
    });
}

} // namespace

base::Result<std::unique_ptr<Server>> Server::open(const boost::asio::any_io_executor& executor,
                                                   const std::string& path, base::Log& log) {
    std::unique_ptr<Server> server(new Server(executor, log));
    auto file = SocketFile::listen(server->acceptor_, path);
    if (!file) {
        return file.error();
    }
    server->file_.emplace(std::move(file.value()));
    return server;
}

void Server::start(Answer answer) {
    answer_ = std::move(answer);
    boost::asio::co_spawn(acceptor_.get_executor(), accept_all(), boost::asio::detached);
}

void Server::close() {
    closed_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    file_.reset();
}

awaitable<void> Server::accept_all() {
    board::Sleep pause(acceptor_.get_executor());
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(board::as_result);
        if (error == boost::asio::error::operation_aborted) {
            break;
        }
        const auto failure = error ? error.message() : try_to_welcome(std::move(socket));
        if (failure.empty()) {
            failures_.accepted();
        } else {
            failures_.failed(failure);
            co_await pause.pass(accept_pause);
        }
    }
}

// Why it failed, or nothing.
std::string Server::try_to_welcome(Socket socket) {
    try {
        welcome(std::move(socket));
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

void Server::welcome(Socket socket) {
    const auto peer = posix::peer_process(socket.native_handle());
    if (!peer || !peer->is_root_or_own_user()) {
        return;
    }
    if (visits_.use_count() > most_visits) {
        const auto busy = error_answer("too many ask at once");
        posix::send_some(socket.native_handle(), base::bytes_of(busy));
        return;
    }
    const auto executor = socket.get_executor();
    boost::asio::co_spawn(executor, serve(std::move(socket), visits_), boost::asio::detached);
}

awaitable<void> Server::serve(Socket socket, std::shared_ptr<const void> /*ticket*/) {
    const auto visit = std::make_shared<Visit>(Visit{.socket = std::move(socket)});
    close_in_time(visit);
    std::string line;
    const auto buffer = boost::asio::dynamic_buffer(line, longest_request);
    const auto [failure, length] =
        co_await boost::asio::async_read_until(visit->socket, buffer, '\n', board::as_result);
    // Who has closed its writing side has said all.
    const bool ended = failure == boost::asio::error::eof && !line.empty();
    if (!closed_ && (!failure || ended || failure == boost::asio::error::not_found)) {
        const auto answer = answer_to(failure ? line : line.substr(0, length),
                                      failure != boost::asio::error::not_found);
        co_await boost::asio::async_write(visit->socket, boost::asio::buffer(answer),
                                          board::as_result);
    }
    visit->deadline.cancel();
}

std::string Server::answer_to(std::string_view received, bool complete) const {
    return complete ? answer_(received) : error_answer("the request is too long");
}

} // namespace mpbridge::control
