#pragma once

#include "rfc2217/codes.hpp"

#include <cstdint>
#include <optional>

namespace mpbridge::rfc2217 {

// The settings of a serial port that has no wire: they are kept and told, and change nothing.
//
// Each setter takes the value of an RFC 2217 command and returns the value to answer with, which is
// the one in force afterwards. A value that asks, or that is not valid, changes nothing.
class Settings {
  public:
    // Any speed but 0 is valid: it costs nothing, and clients differ in what they call sensible.
    std::uint32_t set_baud_rate(std::uint32_t value);
    std::uint8_t set_data_size(std::uint8_t value); // 5 to 8
    std::uint8_t set_parity(std::uint8_t value);    // 1 none, 2 odd, 3 even, 4 mark, 5 space
    std::uint8_t set_stop_size(std::uint8_t value); // 1 one, 2 two, 3 one and a half

    // SET-CONTROL; nullopt for a value the RFC does not define. Outbound settings that exist for
    // both directions set the inbound one too, as "outbound/both" says.
    std::optional<Control> control(std::uint8_t value);

    bool break_state() const { return break_ == Control::break_on; }

  private:
    Control& setting_of(Control value);
    void set_inbound_too(Control outbound);

    std::uint32_t baud_rate_ = 115200;
    std::uint8_t data_size_ = 8;
    std::uint8_t parity_ = 1;
    std::uint8_t stop_size_ = 1;
    Control outbound_flow_ = Control::outbound_none;
    Control inbound_flow_ = Control::inbound_none;
    Control break_ = Control::break_off;
    Control dtr_ = Control::dtr_on;
    Control rts_ = Control::rts_on;
};

} // namespace mpbridge::rfc2217
