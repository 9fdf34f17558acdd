#include "ports/rfc2217_connection.hpp"

#include "repl/protocol.hpp"

#include <chrono>
#include <variant>

namespace mpbridge::ports {

using namespace std::chrono_literals;

namespace {

constexpr auto silence_before_opening = 50ms; // of one that does not use the protocol
constexpr auto silence_while_opening = 200ms; // pyserial looks for answers every 50 ms

// Answers wait behind the output that was sent before them, and clients wait for answers with a
// time-out. So not too much output shall be on its way.
constexpr int send_buffer_size = 64 * 1024;

boost::asio::ip::tcp::socket with_small_send_buffer(boost::asio::ip::tcp::socket socket) {
    boost::system::error_code ignored;
    socket.set_option(boost::asio::socket_base::send_buffer_size(send_buffer_size), ignored);
    return socket;
}

} // namespace

Rfc2217Connection::Rfc2217Connection(boost::asio::ip::tcp::socket socket,
                                     const Surroundings& surroundings, board::Board& board,
                                     const Rfc2217Options& options)
    : TcpConnection(with_small_send_buffer(std::move(socket)), surroundings,
                    [this](base::ByteView data, base::Bytes& wire) { server_.encode(data, wire); }),
      server_({.signature = options.signature}), board_(board), on_break_(options.on_break),
      hold_(executor(), [this] { apply_flow(); }) {}

void Rfc2217Connection::begin() {
    server_.start(replies_);
    send_replies();
    hold_.last(silence_before_opening);
    apply_flow();
}

void Rfc2217Connection::received(base::ByteView bytes) {
    if (hold_.active()) {
        hold_.last(silence_while_opening);
    }
    while (const auto event = server_.next(bytes, replies_)) {
        std::visit([this](const auto& what) { act(what); }, *event);
    }
    send_replies();
}

void Rfc2217Connection::send_replies() {
    if (!replies_.empty()) {
        writer().reply(replies_);
        replies_.clear();
        written();
    }
}

void Rfc2217Connection::carrier(bool on) {
    server_.set_modem_state({.cd = on}, replies_);
    send_replies();
}

void Rfc2217Connection::apply_flow() {
    writer().suspend(hold_.active() || suspended_);
    written();
}

void Rfc2217Connection::act(const rfc2217::Data& data) {
    hold_.end();
    board_.write(data.bytes);
}

void Rfc2217Connection::act(const rfc2217::Interrupt&) { press(repl::ctrl_c); }

void Rfc2217Connection::act(const rfc2217::EndOfFile&) { press(repl::ctrl_d); }

void Rfc2217Connection::act(const rfc2217::Break& line_break) {
    log().debug(line_break.on ? "Break" : "Break off");
    if (!line_break.on) {
        return;
    }
    if (on_break_ == BreakAction::interrupt) {
        press(repl::ctrl_c);
    } else if (on_break_ == BreakAction::reset) {
        board_.reset();
    }
}

void Rfc2217Connection::act(const rfc2217::Purge& purge) {
    if (purge.output && !hold_.active()) {
        writer().drop_data();
        board_.discard_output();
    }
    if (purge.input) {
        board_.discard_input();
    }
    if (writer().idle()) {
        board_.resume_output();
    }
}

void Rfc2217Connection::act(const rfc2217::FlowControl& flow_control) {
    suspended_ = flow_control.suspended;
    apply_flow();
}

void Rfc2217Connection::act(const rfc2217::Note& note) { log().debug(note.text); }

void Rfc2217Connection::press(std::uint8_t key) {
    hold_.end();
    board_.write(base::ByteView(&key, 1));
}

} // namespace mpbridge::ports
