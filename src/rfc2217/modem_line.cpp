#include "rfc2217/modem_line.hpp"

#include "rfc2217/codes.hpp"

namespace mpbridge::rfc2217 {
namespace {

unsigned levels(const ModemState& state) {
    return (state.cd ? modem_bit::cd : 0U) | (state.ri ? modem_bit::ri : 0U) |
           (state.dsr ? modem_bit::dsr : 0U) | (state.cts ? modem_bit::cts : 0U);
}

// The delta bits stand four places below the lines they belong to, but of RI only the end counts.
unsigned deltas(unsigned before, unsigned after) {
    constexpr unsigned places = 4;
    const auto began_to_ring = after & ~before & modem_bit::ri;
    return ((before ^ after) & ~began_to_ring) >> places;
}

} // namespace

std::uint8_t ModemLine::report() const { return static_cast<std::uint8_t>(levels(state_) & mask_); }

std::optional<std::uint8_t> ModemLine::change(ModemState state) {
    const auto before = levels(state_);
    const auto after = levels(state);
    state_ = state;
    const auto changed = deltas(before, after);
    if ((((before ^ after) | changed) & mask_) == 0) {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>((after | changed) & mask_);
}

} // namespace mpbridge::rfc2217
