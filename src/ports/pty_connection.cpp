#include "ports/pty_connection.hpp"

#include "ports/pty_port.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mpbridge::ports {

using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

constexpr auto silence_while_opening = 50ms;

// How long a program that is to be sent away may take to read why.
constexpr auto patience_with_reader = 2s;

} // namespace

PtyConnection::PtyConnection(PtyPort& port, const Surroundings& surroundings)
    : Connection(port.executor(), surroundings, port.device().path(),
                 Writer([&port](base::ByteView bytes) { return port.device().write(bytes); }, {})),
      port_(port), hold_(executor(),
                         [this] {
                             if (!is_closed()) {
                                 writer().suspend(false);
                                 written();
                             }
                         }),
      unread_(executor()) {}

void PtyConnection::begin() {
    writer().suspend(true);
    hold_.last(silence_while_opening);
    line().set_line_state(port_.device().line_state());
}

void PtyConnection::received(base::ByteView bytes) {
    hold_.end();
    line().write(bytes);
}

posix::Transfer PtyConnection::receive(std::span<std::uint8_t> into) {
    using Kind = posix::SerialDevice::Input::Kind;
    posix::Transfer got;
    for (int notices = 0; notices < PtyPort::at_once && got.count < into.size();) {
        const auto input = port_.device().read(into.subspan(got.count));
        got.count += input.count;
        if (input.kind == Kind::notice) {
            ++notices;
            if (input.flushed) {
                hold_.end();
            }
            if (input.settings_changed) {
                line().set_line_state(port_.device().line_state());
            }
        } else if (input.kind != Kind::data) {
            got.ended = input.kind == Kind::ended;
            break;
        }
    }
    return got;
}

awaitable<void> PtyConnection::readable() { co_await port_.master().readable(); }

awaitable<void> PtyConnection::writable() { co_await port_.master().writable(); }

void PtyConnection::cut() { port_.master().cancel(); }

bool PtyConnection::has_closed() {
    port_.look();
    return is_closed();
}

void PtyConnection::dismiss() {
    if (!std::exchange(dismissed_, true)) {
        boost::asio::co_spawn(executor(), close_when_read(), boost::asio::detached);
    }
}

// The kernel does not tell when a program has read the last byte, and drops all unread ones when
// this side closes.
awaitable<void> PtyConnection::close_when_read() {
    const auto self = shared_from_this();
    const auto deadline = std::chrono::steady_clock::now() + patience_with_reader;
    for (std::chrono::milliseconds pause(1); !is_closed(); pause = std::min(2 * pause, 20ms)) {
        const bool read = writer().idle() && !port_.device().has_unread_output();
        if (read || std::chrono::steady_clock::now() >= deadline) {
            break;
        }
        co_await unread_.pass(pause);
    }
    close();
}

void PtyConnection::left() { port_.client_left(); }

} // namespace mpbridge::ports
