#include "ports/rfc2217_connection.hpp"

#include "repl/protocol.hpp"

#include <variant>

namespace mpbridge::ports {

Rfc2217Connection::Rfc2217Connection(boost::asio::ip::tcp::socket socket,
                                     const Surroundings& surroundings,
                                     const Rfc2217Options& options)
    : Connection(std::move(socket), surroundings,
                 [this](base::ByteView data, base::Bytes& wire) { server_.encode(data, wire); }),
      server_({.signature = options.signature}), on_break_(options.on_break) {}

void Rfc2217Connection::begin() {
    server_.start(replies_);
    send_replies();
}

void Rfc2217Connection::received(base::ByteView bytes) {
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

void Rfc2217Connection::act(const rfc2217::Data& data) { board().write(data.bytes); }

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
        board().reset();
    }
}

void Rfc2217Connection::act(const rfc2217::Purge& purge) {
    if (purge.output) {
        writer().drop_data();
        board().discard_output();
    }
    if (purge.input) {
        board().discard_input();
    }
    if (writer().idle()) {
        board().resume_output();
    }
}

void Rfc2217Connection::act(const rfc2217::FlowControl& flow_control) {
    writer().suspend(flow_control.suspended);
    written();
    if (writer().idle()) {
        board().resume_output();
    }
}

void Rfc2217Connection::act(const rfc2217::Note& note) { log().debug(note.text); }

void Rfc2217Connection::press(std::uint8_t key) { board().write(base::ByteView(&key, 1)); }

} // namespace mpbridge::ports
