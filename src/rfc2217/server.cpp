#include "rfc2217/server.hpp"

#include "rfc2217/telnet_options.hpp"

#include <utility>
#include <variant>

namespace mpbridge::rfc2217 {
namespace {

using telnet::Side;
namespace option = telnet::option;

constexpr std::string_view are_you_there = "\r\n[mpremote-bridge: yes]\r\n";

// IAC AYT is two bytes; encoding the answer may put a NUL before it.
static_assert(are_you_there.size() + 1 <= 2 * Server::max_reply_factor);

Event note_option(const telnet::Negotiation& negotiation, bool refused) {
    return Note{"client " + std::string(name_of(negotiation.verb)) + " " +
                telnet::option_name(negotiation.option) + (refused ? ": refused" : "")};
}

} // namespace

Server::Server(ServerOptions options)
    : options_(allowed_options(Side::us)), com_port_(std::move(options.signature)) {}

// A server says DO COM-PORT-OPTION (RFC 2217 section 1), but some clients wait for its WILL. The
// rest is what makes a terminal send each key at once, and leave the echo to the board.
void Server::start(base::Bytes& reply) {
    offer(options_, Side::us, option::echo, reply);
    offer(options_, Side::us, option::suppress_go_ahead, reply);
    offer(options_, Side::them, option::suppress_go_ahead, reply);
    offer(options_, Side::us, option::binary, reply);
    offer(options_, Side::them, option::binary, reply);
    offer(options_, Side::us, option::com_port, reply);
    offer(options_, Side::them, option::com_port, reply);
}

std::optional<Event> Server::next(base::ByteView& input, base::Bytes& reply) {
    while (const auto received = decoder_.next(input)) {
        const auto handle_it = [&](const auto& event) { return handle(event, reply); };
        if (auto event = std::visit(handle_it, *received)) {
            return event;
        }
    }
    return std::nullopt;
}

void Server::encode(base::ByteView data, base::Bytes& out) { encoder_.encode(data, out); }

void Server::set_modem_state(ModemState state, base::Bytes& reply) {
    com_port_.set_modem_state(state, com_port_in_use_, reply);
}

std::optional<Event> Server::handle(const telnet::Data& data, base::Bytes&) { return data; }

std::optional<Event> Server::handle(const telnet::CommandReceived& received, base::Bytes& reply) {
    switch (received.command) {
    case telnet::Command::ip:
        return Interrupt{};
    case telnet::Command::eof:
        return EndOfFile{};
    case telnet::Command::brk:
        return Break{.on = true, .momentary = true};
    case telnet::Command::ayt:
        encoder_.encode(base::bytes_of(are_you_there), reply);
        return std::nullopt;
    case telnet::Command::ao:
        return Purge{.output = true, .input = false};
    case telnet::Command::nop: // keep-alive
    case telnet::Command::dm:  // read in its place among the data, it asks for nothing
    case telnet::Command::ga:
        return std::nullopt;
    default:
        return Note{"client sent " + name_of(received.command) + ": ignored"};
    }
}

std::optional<Event> Server::handle(const telnet::Negotiation& negotiation, base::Bytes& reply) {
    const auto outcome = receive(options_, negotiation, reply);
    if (!outcome.changed && !outcome.refused) {
        return std::nullopt;
    }
    if (outcome.changed) {
        apply_option(negotiation.option, reply);
    }
    return note_option(negotiation, outcome.refused);
}

std::optional<Event> Server::handle(const telnet::Subnegotiation& received, base::Bytes& reply) {
    if (received.option != option::com_port) {
        return Note{"subnegotiation of " + telnet::option_name(received.option) + ": ignored"};
    }
    // There are clients that use the option without a word about it. And pyserial, when our offers
    // arrive before it has made its own, takes them for answers and says nothing more.
    use_com_port(true, reply);
    return com_port_.execute(received.payload, reply);
}

std::optional<Event> Server::handle(const telnet::Malformed& malformed, base::Bytes&) {
    return Note{"malformed input: " + std::string(malformed.what)};
}

void Server::apply_option(telnet::Option changed, base::Bytes& reply) {
    const bool ours = options_.enabled(Side::us, changed);
    const bool theirs = options_.enabled(Side::them, changed);
    if (changed == option::binary) {
        decoder_.set_binary(theirs);
        encoder_.set_binary(ours);
    } else if (changed == option::com_port) {
        use_com_port(ours || theirs, reply);
    }
}

void Server::use_com_port(bool on, base::Bytes& reply) {
    const bool begins = on && !com_port_in_use_;
    com_port_in_use_ = on;
    if (begins) {
        com_port_.announce_modem_state(reply);
    }
}

} // namespace mpbridge::rfc2217
