#include "ports/connection.hpp"

#include "ports/gate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <new>

namespace mpbridge::ports {

using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

constexpr std::size_t read_at_once = 64 * 1024;

// How long a client that has closed its writing side still gets output.
constexpr auto linger_time = 1s;

// To set a timer for less takes many times as long, and mostly the next client is there already.
constexpr auto first_answer_check = 4ms;
constexpr auto answer_check = 20ms;

// Why a client has to go of whose data something is lost.
constexpr std::string_view out_of_memory = "out of memory";

} // namespace

Connection::Connection(const boost::asio::any_io_executor& executor,
                       const Surroundings& surroundings, std::string peer, Writer writer)
    : executor_(executor), surroundings_(surroundings), peer_(std::move(peer)),
      writer_(std::move(writer)), write_event_(executor), progress_event_(executor),
      linger_(executor) {}

void Connection::start() {
    const auto over = [self = shared_from_this()](const std::exception_ptr& failure) {
        if (failure) {
            self->abort(failure);
        }
    };
    try {
        boost::asio::co_spawn(executor_, serve(), over);
    } catch (const std::exception&) {
        abort(std::current_exception());
    }
}

awaitable<void> Connection::serve() {
    const auto self = shared_from_this();
    log().info("Connected via " + std::string(protocol()) + " by " + peer_);
    boost::asio::co_spawn(executor_, write_when_possible(), boost::asio::detached);
    begin();
    co_await line().attach(*this, closed_);
    attached_ = true;
    co_await read_until_closed();
    if (!closed_ && may_still_read()) {
        co_await linger();
    }
    leave();
}

awaitable<void> Connection::read_until_closed() {
    while (!closed_ && !half_closed_) {
        co_await line().wait_for_input_room(closed_);
        while (writer_.overdue() && !closed_) {
            co_await progress_event_.wait();
        }
        if (!closed_) {
            co_await readable();
        }
        read_on(std::min(line().input_room(), read_at_once));
    }
}

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
    posix::Transfer got;
    try {
        read_buffer_.resize(at_most);
        got = receive(read_buffer_);
        received_ += got.count;
        if (got.count > 0) {
            received(base::ByteView(read_buffer_).first(got.count));
        }
    } catch (const std::bad_alloc&) {
        say_it_is_sent_away(out_of_memory);
        close();
    }
    half_closed_ = got.ended;
    if (got.error != 0) {
        close();
    }
    return got.count;
}

awaitable<void> Connection::linger() {
    line().client_half_closed();
    const auto deadline = std::chrono::steady_clock::now() + linger_time;
    for (auto pause = first_answer_check; !closed_; pause = std::min(2 * pause, answer_check)) {
        if (std::chrono::steady_clock::now() >= deadline || writer_.failed() ||
            (line().has_answered() && writer_.idle())) {
            break;
        }
        co_await linger_.pass(pause);
    }
}

void Connection::depart() {
    const auto self = shared_from_this();
    output_was_lost_ = writer_.failed() || peer_is_gone();
    writer_.abandon();
    take_rest();
    leave();
}

void Connection::take_rest() {
    while (!closed_ && !half_closed_ && read_once(read_at_once) > 0) {
    }
}

void Connection::abort(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        say_it_is_sent_away(error.what());
    }
    close();
    leave();
}

void Connection::say_it_is_sent_away(std::string_view reason) {
    log().warning("Client " + peer_ + " is sent away: " + std::string(reason));
}

void Connection::leave() {
    if (!surroundings_.gate.release(*this)) {
        return;
    }
    if (output_was_lost_ || writer_.failed() || (!closed_ && peer_is_gone())) {
        line().output_was_lost();
    }
    line().detach(*this);
    close();
    left();
    log().info("Disconnected");
    log().info("Waiting for connection...");
}

void Connection::close() {
    if (closed_) {
        return;
    }
    closed_ = true;
    cut();
    write_event_.notify();
    progress_event_.notify();
    linger_.wake();
    line().wake_waiting_clients();
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
    } else if (writer_.idle()) {
        line().resume_output();
    }
}

// The client is gone, but what it sent before counts, even if the board has no room for it now.
void Connection::give_up_writing() {
    if (closed_ || departs_) {
        return;
    }
    departs_ = true;
    if (writer_.lacks_memory()) {
        say_it_is_sent_away(out_of_memory);
    }
    boost::asio::post(executor_, [self = shared_from_this()] {
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
        co_await writable();
        if (closed_) {
            break;
        }
        writer_.flush();
        progress_event_.notify();
        if (writer_.idle()) {
            line().resume_output();
        }
    }
    if (writer_.failed()) {
        give_up_writing();
    }
}

} // namespace mpbridge::ports
