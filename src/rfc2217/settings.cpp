#include "rfc2217/settings.hpp"

namespace mpbridge::rfc2217 {
namespace {

void set_if_within(std::uint8_t& setting, std::uint8_t value, std::uint8_t least,
                   std::uint8_t most) {
    if (value >= least && value <= most) {
        setting = value;
    }
}

bool asks(Control value) {
    return value == Control::request_outbound_flow || value == Control::request_break ||
           value == Control::request_dtr || value == Control::request_rts ||
           value == Control::request_inbound_flow;
}

} // namespace

std::uint32_t Settings::set_baud_rate(std::uint32_t value) {
    if (value != 0) {
        baud_rate_ = value;
    }
    return baud_rate_;
}

std::uint8_t Settings::set_data_size(std::uint8_t value) {
    set_if_within(data_size_, value, 5, 8);
    return data_size_;
}

std::uint8_t Settings::set_parity(std::uint8_t value) {
    set_if_within(parity_, value, 1, 5);
    return parity_;
}

std::uint8_t Settings::set_stop_size(std::uint8_t value) {
    set_if_within(stop_size_, value, 1, 3);
    return stop_size_;
}

std::optional<Control> Settings::control(std::uint8_t value) {
    if (value > last_control) {
        return std::nullopt;
    }
    const auto wanted = static_cast<Control>(value);
    auto& setting = setting_of(wanted);
    if (!asks(wanted)) {
        setting = wanted;
        set_inbound_too(wanted);
    }
    return setting;
}

Control& Settings::setting_of(Control value) {
    switch (value) {
    case Control::request_break:
    case Control::break_on:
    case Control::break_off:
        return break_;
    case Control::request_dtr:
    case Control::dtr_on:
    case Control::dtr_off:
        return dtr_;
    case Control::request_rts:
    case Control::rts_on:
    case Control::rts_off:
        return rts_;
    case Control::request_inbound_flow:
    case Control::inbound_none:
    case Control::inbound_xon_xoff:
    case Control::inbound_hardware:
    case Control::inbound_dtr:
        return inbound_flow_;
    default:
        return outbound_flow_;
    }
}

void Settings::set_inbound_too(Control outbound) {
    if (outbound == Control::outbound_none) {
        inbound_flow_ = Control::inbound_none;
    } else if (outbound == Control::outbound_xon_xoff) {
        inbound_flow_ = Control::inbound_xon_xoff;
    } else if (outbound == Control::outbound_hardware) {
        inbound_flow_ = Control::inbound_hardware;
    }
}

} // namespace mpbridge::rfc2217
