#include "ports/pty_connection.hpp"

#include "ports/pty_port.hpp"

#include <chrono>

namespace mpbridge::ports {

using boost::asio::awaitable;

namespace {

constexpr auto silence_while_opening = std::chrono::milliseconds(50);

// A program can cause notices for ever, and others want to be served as well.
constexpr int notices_at_once = 16;

} // namespace

PtyConnection::PtyConnection(PtyPort& port, const Surroundings& surroundings)
    : Connection(port.executor(), surroundings, port.device().path(),
                 Writer(port.device().master(), posix::write_some, {})),
      port_(port), hold_(executor(), [this] {
          writer().suspend(false);
          written();
      }) {}

void PtyConnection::begin() {
    writer().suspend(true);
    hold_.last(silence_while_opening);
}

void PtyConnection::received(base::ByteView bytes) {
    hold_.end();
    board().write(bytes);
}

posix::Transfer PtyConnection::receive(std::span<std::uint8_t> into) {
    using Kind = posix::SerialDevice::Input::Kind;
    posix::Transfer got;
    for (int notices = 0; notices < notices_at_once && got.count < into.size();) {
        const auto input = port_.device().read(into.subspan(got.count));
        got.count += input.count;
        if (input.kind == Kind::notice) {
            ++notices;
            if (input.flushed) {
                hold_.end();
            }
        } else if (input.kind != Kind::data) {
            got.ended = hung_up_ || input.kind == Kind::ended;
            break;
        }
    }
    return got;
}

awaitable<void> PtyConnection::readable() {
    if (!hung_up_) {
        co_await port_.master().readable();
    }
}

awaitable<void> PtyConnection::writable() { co_await port_.master().writable(); }

void PtyConnection::hang_up() {
    hung_up_ = true;
    port_.master().cancel();
}

void PtyConnection::cut() { port_.master().cancel(); }

bool PtyConnection::peer_has_closed() {
    port_.look();
    return hung_up_;
}

void PtyConnection::left() { port_.client_left(); }

} // namespace mpbridge::ports
