#pragma once

#include <cstdint>
#include <optional>

namespace mpbridge::rfc2217 {

// The lines a modem drives. The defaults are those of a board that runs.
struct ModemState {
    bool cts = true;
    bool dsr = true;
    bool ri = false;
    bool cd = true;
};

// What NOTIFY-MODEMSTATE says, under the client's SET-MODEMSTATE-MASK (RFC 2217 sections 3 and 4).
class ModemLine {
  public:
    // The lines as they are, without delta bits: for a client that asks or has just come.
    std::uint8_t report() const;

    // The value to notify, if anything the mask lets through changed. RFC 2217 would also notify
    // for lines that did not change, and keep silent when the last of them went off: of no use.
    std::optional<std::uint8_t> change(ModemState state);

    void set_mask(std::uint8_t mask) { mask_ = mask; }
    std::uint8_t mask() const { return mask_; }

  private:
    ModemState state_;
    std::uint8_t mask_ = 255;
};

} // namespace mpbridge::rfc2217
