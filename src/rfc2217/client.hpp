#pragma once

#include "base/bytes.hpp"
#include "rfc2217/client_events.hpp"
#include "rfc2217/line_settings.hpp"
#include "rfc2217/remote_port.hpp"
#include "telnet/decoder.hpp"
#include "telnet/encoder.hpp"
#include "telnet/option_table.hpp"

#include <optional>
#include <string>

namespace mpbridge::rfc2217 {

struct ClientOptions {
    // For a server that asks for it; at most 64 bytes of it are used.
    std::string signature;
    LineSettings line;
};

// The client's side of one connection to an access server: telnet with COM-PORT-OPTION (RFC 2217)
// and the options it needs. No I/O and no clock: the owner carries the bytes, acts on the events,
// and decides how long to wait for Ready, which a peer that does not speak telnet never causes.
//
// `to_wire` is one stream: what the calls append has to reach the server in the order of the calls.
//
// What the server sends is answered with at most 13 times as many bytes (the worst is IAC DO
// COM-PORT-OPTION, which lets the settings go).
class Client {
  public:
    static constexpr std::size_t max_reply_factor = 13;

    explicit Client(const ClientOptions& options);

    // The opening offers; once, before anything else.
    void start(base::Bytes& to_wire);

    // Takes bytes off the front of `input`, appends what they are answered with, and returns what
    // the owner has to know; nullopt: all input is used up. Call it until then.
    std::optional<ClientEvent> next(base::ByteView& input, base::Bytes& to_wire);

    // Program data as it goes over the wire: at most twice its size, and one byte. Before Ready it
    // may come out changed at CRs: until BINARY is agreed it goes as NVT text (RFC 856), and many
    // servers take it for binary from our offer on, or always. So keep it until then.
    void encode(base::ByteView data, base::Bytes& to_wire);

    // From Ready on: the server has answered every setting that was wanted, or has refused
    // COM-PORT-OPTION. BINARY was offered before, so a server that answers in order has decided
    // about that too.
    bool ready() const { return ready_; }

    // Whether there is a COM-PORT-OPTION in use to send settings with.
    bool has_com_port() const { return port_.in_use(); }

    // RFC 2217 section 2. Each is sent if the value is not the one wanted before, as soon as the
    // option is in use and the last command of its kind is answered; of several until then, the
    // last one. A value that is no wish (LineSettings) changes nothing. The server may answer with
    // another value, which a Note tells.
    void set_baud_rate(std::uint32_t value, base::Bytes& to_wire);
    void set_data_size(std::uint8_t value, base::Bytes& to_wire);
    void set_parity(Parity value, base::Bytes& to_wire);
    void set_stop_size(StopSize value, base::Bytes& to_wire);

    // PURGE-DATA (section 3): has the server drop what the serial line received and it has not yet
    // sent to us (output), or what we sent and the line has not yet (input). Sent at once or, while
    // the option is not in use, never.
    void purge(Purge what, base::Bytes& to_wire) const;

  private:
    std::optional<ClientEvent> pending();
    std::optional<ClientEvent> handle(const telnet::Data& data, base::Bytes& to_wire);
    std::optional<ClientEvent> handle(const telnet::CommandReceived& received,
                                      base::Bytes& to_wire);
    std::optional<ClientEvent> handle(const telnet::Negotiation& negotiation, base::Bytes& to_wire);
    std::optional<ClientEvent> handle(const telnet::Subnegotiation& received, base::Bytes& to_wire);
    std::optional<ClientEvent> handle(const telnet::Malformed& malformed, base::Bytes& to_wire);
    void apply_option(const telnet::Negotiation& negotiation, base::Bytes& to_wire);

    telnet::Decoder decoder_{telnet::Decoder::Newline::cr_lf};
    telnet::DataEncoder encoder_;
    telnet::OptionTable options_;
    RemotePort port_;
    bool com_port_refused_ = false;
    bool suspended_ = false; // as last told
    bool ready_ = false;
};

} // namespace mpbridge::rfc2217
