#include "rfc2217/client.hpp"

#include "rfc2217/telnet_options.hpp"

#include <utility>
#include <variant>

namespace mpbridge::rfc2217 {
namespace {

using telnet::Side;
using telnet::Verb;
namespace option = telnet::option;

bool is_offered(telnet::Option option) {
    return option == option::binary || option == option::suppress_go_ahead ||
           option == option::com_port;
}

// Changes and refusals, ours and the server's. It may refuse what was never on.
std::optional<ClientEvent> note_option(const telnet::Negotiation& negotiation,
                                       const telnet::Outcome& outcome) {
    const bool declines = negotiation.verb == Verb::wont || negotiation.verb == Verb::dont;
    const bool matters = outcome.changed || outcome.refused;
    if (!matters && !(declines && is_offered(negotiation.option))) {
        return std::nullopt;
    }
    return Note{"server " + std::string(name_of(negotiation.verb)) + " " +
                telnet::option_name(negotiation.option) + (outcome.refused ? ": refused" : "")};
}

} // namespace

Client::Client(const ClientOptions& options)
    : options_(allowed_options(Side::them)), port_(options.signature) {
    base::Bytes nothing; // is sent before start()
    set_baud_rate(options.line.baud_rate, nothing);
    set_data_size(options.line.data_size, nothing);
    set_parity(options.line.parity, nothing);
    set_stop_size(options.line.stop_size, nothing);
}

// COM-PORT-OPTION comes last, so that the settings, which wait for its answer, are answered only
// behind the answers to BINARY.
void Client::start(base::Bytes& to_wire) {
    offer(options_, Side::us, option::suppress_go_ahead, to_wire);
    offer(options_, Side::them, option::suppress_go_ahead, to_wire);
    offer(options_, Side::us, option::binary, to_wire);
    offer(options_, Side::them, option::binary, to_wire);
    offer(options_, Side::us, option::com_port, to_wire);
}

std::optional<ClientEvent> Client::next(base::ByteView& input, base::Bytes& to_wire) {
    while (true) {
        if (auto event = pending()) {
            return event;
        }
        const auto received = decoder_.next(input);
        if (!received) {
            return std::nullopt;
        }
        const auto handle_it = [&](const auto& event) { return handle(event, to_wire); };
        if (auto event = std::visit(handle_it, *received)) {
            return event;
        }
    }
}

void Client::encode(base::ByteView data, base::Bytes& to_wire) { encoder_.encode(data, to_wire); }

void Client::set_baud_rate(std::uint32_t value, base::Bytes& to_wire) {
    port_.want(Command::set_baudrate, value, to_wire);
}

void Client::set_data_size(std::uint8_t value, base::Bytes& to_wire) {
    if (value >= 5 && value <= 8) {
        port_.want(Command::set_datasize, value, to_wire);
    }
}

void Client::set_parity(Parity value, base::Bytes& to_wire) {
    port_.want(Command::set_parity, static_cast<std::uint8_t>(value), to_wire);
}

void Client::set_stop_size(StopSize value, base::Bytes& to_wire) {
    port_.want(Command::set_stopsize, static_cast<std::uint8_t>(value), to_wire);
}

void Client::purge(Purge what, base::Bytes& to_wire) const { port_.purge(what, to_wire); }

// What follows from the state alone; one input may cause a note, an end of a suspension and Ready.
std::optional<ClientEvent> Client::pending() {
    if (suspended_ != port_.suspended()) {
        suspended_ = port_.suspended();
        return Suspended{suspended_};
    }
    const bool decided = port_.in_use() ? port_.settled() : com_port_refused_;
    if (!ready_ && decided) {
        ready_ = true;
        return Ready{};
    }
    return std::nullopt;
}

std::optional<ClientEvent> Client::handle(const telnet::Data& data, base::Bytes&) { return data; }

// There is no user here who could be shown anything: what a server says to one is not for the
// program behind the owner.
std::optional<ClientEvent> Client::handle(const telnet::CommandReceived& received, base::Bytes&) {
    switch (received.command) {
    case telnet::Command::nop: // keep-alive
    case telnet::Command::dm:
    case telnet::Command::ga:
        return std::nullopt;
    default:
        return Note{"server sent " + name_of(received.command) + ": ignored"};
    }
}

std::optional<ClientEvent> Client::handle(const telnet::Negotiation& negotiation,
                                          base::Bytes& to_wire) {
    const auto outcome = receive(options_, negotiation, to_wire);
    apply_option(negotiation, to_wire);
    return note_option(negotiation, outcome);
}

std::optional<ClientEvent> Client::handle(const telnet::Subnegotiation& received,
                                          base::Bytes& to_wire) {
    if (received.option != option::com_port) {
        return Note{"subnegotiation of " + telnet::option_name(received.option) + ": ignored"};
    }
    return port_.receive(received.payload, to_wire);
}

std::optional<ClientEvent> Client::handle(const telnet::Malformed& malformed, base::Bytes&) {
    return Note{"malformed input: " + std::string(malformed.what)};
}

void Client::apply_option(const telnet::Negotiation& negotiation, base::Bytes& to_wire) {
    const bool ours = options_.enabled(Side::us, negotiation.option);
    const bool theirs = options_.enabled(Side::them, negotiation.option);
    if (negotiation.option == option::binary) {
        decoder_.set_binary(theirs);
        encoder_.set_binary(ours);
    } else if (negotiation.option == option::com_port) {
        // Only our offer is waited for; its refusal leaves the server's own, which counts as well.
        if (negotiation.verb == Verb::dont || negotiation.verb == Verb::do_) {
            com_port_refused_ = negotiation.verb == Verb::dont;
        }
        port_.set_in_use(ours || theirs, to_wire);
    }
}

} // namespace mpbridge::rfc2217
