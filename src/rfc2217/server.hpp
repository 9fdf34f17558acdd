#pragma once

#include "base/bytes.hpp"
#include "rfc2217/com_port.hpp"
#include "rfc2217/events.hpp"
#include "rfc2217/modem_line.hpp"
#include "telnet/decoder.hpp"
#include "telnet/encoder.hpp"
#include "telnet/option_table.hpp"

#include <optional>
#include <string>

namespace mpbridge::rfc2217 {

struct ServerOptions {
    // The program's name and version; at most 64 bytes of it are used.
    std::string signature;
};

// The access server's side of one connection: telnet with COM-PORT-OPTION (RFC 2217) and the
// options it needs. No I/O: the owner carries the bytes and acts on the events.
//
// `reply` and `out` are one stream: what the calls append has to reach the client in the order of
// the calls. To be able to purge, keep program data as it is, and encode() it when it is sent.
//
// Answers never amount to more than 14 times the input they answer (the worst is IAC AYT).
class Server {
  public:
    static constexpr std::size_t max_reply_factor = 14;

    explicit Server(ServerOptions options);

    // The opening offers; once, before anything else.
    void start(base::Bytes& reply);

    // Takes bytes off the front of `input`, appends what they are answered with, and returns what
    // the owner has to know; nullopt: all input is used up. Call it until then.
    std::optional<Event> next(base::ByteView& input, base::Bytes& reply);

    // Program data as it goes over the wire: at most twice its size, and one byte.
    void encode(base::ByteView data, base::Bytes& out);

    // Tells the client, if it uses COM-PORT-OPTION, something changed and its mask lets it pass.
    void set_modem_state(ModemState state, base::Bytes& reply);

  private:
    std::optional<Event> handle(const telnet::Data& data, base::Bytes& reply);
    std::optional<Event> handle(const telnet::CommandReceived& received, base::Bytes& reply);
    std::optional<Event> handle(const telnet::Negotiation& negotiation, base::Bytes& reply);
    std::optional<Event> handle(const telnet::Subnegotiation& received, base::Bytes& reply);
    std::optional<Event> handle(const telnet::Malformed& malformed, base::Bytes& reply);
    void apply_option(telnet::Option changed, base::Bytes& reply);
    void use_com_port(bool on, base::Bytes& reply);

    telnet::Decoder decoder_;
    telnet::DataEncoder encoder_;
    telnet::OptionTable options_;
    ComPort com_port_;
    bool com_port_in_use_ = false;
};

} // namespace mpbridge::rfc2217
