#include "ports/connection.hpp"

#include "ports/gate.hpp"
#include "posix/descriptor.hpp"
#include "posix/tcp.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cassert>
#include <chrono>

namespace mpbridge::ports {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::ip::tcp;

namespace {

constexpr std::size_t read_at_once = 64 * 1024;

// How long a client that has closed its writing side still gets output.
constexpr auto linger_time = 1s;
constexpr auto stall_check_interval = 5s;

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

Connection::Connection(tcp::socket socket, const Surroundings& surroundings, Writer::Encoder encode)
    : socket_(std::move(socket)), surroundings_(surroundings),
      writer_(socket_.native_handle(), std::move(encode)), write_event_(socket_.get_executor()),
      progress_event_(socket_.get_executor()), linger_(socket_.get_executor()),
      stall_timer_(socket_.get_executor()) {
    boost::system::error_code gone;
    peer_ = endpoint_name(socket_.remote_endpoint(gone));
}

awaitable<void> Connection::serve() {
    const auto self = shared_from_this();
    log().info("Connected via " + std::string(protocol()) + " by " + peer_);
    boost::asio::co_spawn(socket_.get_executor(), write_when_possible(), boost::asio::detached);
    begin();
    co_await board().attach(*this, closed_);
    attached_ = true;
    co_await read_until_closed();
    if (!closed_) {
        co_await linger();
    }
    leave();
}

awaitable<void> Connection::read_until_closed() {
    while (!closed_ && !half_closed_) {
        co_await board().wait_for_input_room(closed_);
        while (writer_.overdue() && !closed_) {
            co_await progress_event_.wait();
        }
        if (!closed_) {
            co_await socket_.async_wait(tcp::socket::wait_read, board::as_result);
        }
        read_on(std::min(board().input_room(), read_at_once));
    }
}

// Reads what is there, as far as the board has room and the client takes its answers.
void Connection::read_on(std::size_t room) {
    while (room > 0 && !closed_ && !half_closed_ && !writer_.overdue()) {
        const auto wanted = std::min(room, read_at_once);
        const auto count = read_once(wanted);
        room -= count;
        if (count < wanted) {
            break;
        }
    }
}

std::size_t Connection::read_once(std::size_t at_most) {
    assert(at_most > 0);
    read_buffer_.resize(at_most);
    const auto got = posix::receive_some(fd(), read_buffer_);
    if (got.count > 0) {
        received(base::ByteView(read_buffer_).first(got.count));
    }
    half_closed_ = got.ended;
    if (got.error != 0) {
        close();
    }
    return got.count;
}

bool Connection::has_closed() {
    // Before it is attached, its input has to wait until the former client's business is over.
    if (attached_ && !closed_ && !posix::peer_has_closed(fd())) {
        // The end of file may stand behind more than the board would take otherwise.
        read_on(board().total_input_room());
    }
    return closed_ || half_closed_ || posix::peer_has_closed(fd());
}

awaitable<void> Connection::linger() {
    board().client_half_closed();
    const auto deadline = std::chrono::steady_clock::now() + linger_time;
    for (auto pause = 1ms; !closed_; pause = std::min(2 * pause, 20ms)) {
        if (std::chrono::steady_clock::now() >= deadline || writer_.failed() ||
            (board().has_answered() && writer_.idle())) {
            break;
        }
        co_await linger_.pass(pause);
    }
}

void Connection::depart() {
    const auto self = shared_from_this();
    output_was_lost_ = writer_.failed() || posix::connection_was_reset(fd());
    writer_.abandon();
    while (!closed_ && !half_closed_ && read_once(read_at_once) > 0) {
    }
    leave();
}

void Connection::abort() {
    close();
    leave();
}

void Connection::leave() {
    if (!surroundings_.gate.release(*this)) {
        return;
    }
    if (output_was_lost_ || writer_.failed() || (!closed_ && posix::connection_was_reset(fd()))) {
        board().output_was_lost();
    }
    board().detach(*this);
    close();
    log().info("Disconnected");
    log().info("Waiting for connection...");
}

void Connection::close() {
    if (closed_) {
        return;
    }
    closed_ = true;
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.cancel(ignored);
    write_event_.notify();
    progress_event_.notify();
    linger_.wake();
    stall_timer_.cancel();
    board().wake_waiting_clients();
}

bool Connection::output(base::ByteView bytes) {
    if (closed_) {
        return true;
    }
    if (!bytes.empty()) {
        writer_.data(bytes);
        written();
    }
    return writer_.idle();
}

void Connection::written() {
    if (writer_.failed()) {
        give_up_writing();
    } else if (writer_.blocked()) {
        write_event_.notify();
        watch_for_stall();
    } else if (writer_.idle()) {
        board().resume_output();
    }
}

// The client is gone, but what it sent before counts, even if the board has no room for it now.
void Connection::give_up_writing() {
    if (closed_ || departs_) {
        return;
    }
    departs_ = true;
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (!self->closed_) {
            self->depart();
        }
    });
}

awaitable<void> Connection::write_when_possible() {
    const auto self = shared_from_this();
    while (!closed_ && !writer_.failed()) {
        if (!writer_.blocked()) {
            co_await write_event_.wait();
            continue;
        }
        co_await socket_.async_wait(tcp::socket::wait_write, board::as_result);
        if (closed_) {
            break;
        }
        writer_.flush();
        progress_event_.notify();
        if (writer_.idle()) {
            board().resume_output();
        }
    }
    if (writer_.failed()) {
        give_up_writing();
    }
}

void Connection::watch_for_stall() {
    if (stall_watched_) {
        return;
    }
    stall_watched_ = true;
    stall_timer_.expires_after(stall_check_interval);
    stall_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        self->stall_watched_ = false;
        if (error || self->closed_) {
            return;
        }
        if (posix::check_stall(self->fd()) == posix::Stall::peer_gone) {
            self->log().info("Client " + self->peer_ + " does not answer any more");
            self->close();
        } else if (self->writer_.blocked()) {
            self->watch_for_stall();
        }
    });
}

} // namespace mpbridge::ports
