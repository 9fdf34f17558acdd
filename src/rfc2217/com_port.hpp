#pragma once

#include "base/bytes.hpp"
#include "rfc2217/codes.hpp"
#include "rfc2217/events.hpp"
#include "rfc2217/modem_line.hpp"
#include "rfc2217/settings.hpp"

#include <optional>
#include <string>

namespace mpbridge::rfc2217 {

// The serial port that a client sees behind COM-PORT-OPTION: keeps its settings and masks, and
// answers the client's commands (RFC 2217 sections 2 to 5).
class ComPort {
  public:
    explicit ComPort(std::string signature);

    // Executes the payload of one subnegotiation: the command and its value.
    std::optional<Event> execute(base::ByteView payload, base::Bytes& reply);

    // NOTIFY-MODEMSTATE, unless the client has masked all of it.
    void announce_modem_state(base::Bytes& reply) const;

    // Keeps the new state; `notify` tells the client too, if there is something to tell.
    void set_modem_state(ModemState state, bool notify, base::Bytes& reply);

  private:
    std::optional<Event> sign(base::ByteView text, base::Bytes& reply) const;
    std::optional<Event> set_baud_rate(std::uint32_t value, base::Bytes& reply);
    std::optional<Event> set_line(Command command, std::uint8_t value, base::Bytes& reply);
    std::optional<Event> control(std::uint8_t value, base::Bytes& reply);
    std::optional<Event> set_mask(Command command, std::uint8_t mask, base::Bytes& reply);
    std::optional<Event> purge(std::uint8_t value, base::Bytes& reply) const;
    std::optional<Event> dispatch(Command command, base::ByteView value, base::Bytes& reply);

    std::string signature_;
    Settings settings_;
    ModemLine modem_;
    std::uint8_t line_state_mask_ = 0;
};

} // namespace mpbridge::rfc2217
