#include "rfc2217/com_port.hpp"

#include "base/text.hpp"

#include <utility>

namespace mpbridge::rfc2217 {
namespace {

// There is no wire on which anything could wait or fail.
constexpr std::uint8_t line_state =
    line_bit::transfer_shift_register_empty | line_bit::transfer_holding_register_empty;

std::string number(std::uint32_t value) { return std::to_string(value); }

Event note_setting(Command command, std::uint32_t wanted, std::uint32_t in_force) {
    auto text = name_of(command) + " " + number(wanted);
    if (wanted != in_force) {
        text += ": answered " + number(in_force);
    }
    return Note{std::move(text)};
}

} // namespace

ComPort::ComPort(std::string signature) : signature_(limited_signature(std::move(signature))) {}

std::optional<Event> ComPort::execute(base::ByteView payload, base::Bytes& reply) {
    if (payload.empty() || payload.front() > last_command) {
        return Note{"COM-PORT-OPTION: unknown command " +
                    (payload.empty() ? "(none)" : number(payload.front()))};
    }
    const auto value = payload.subspan(1);
    const auto command = static_cast<Command>(payload.front());
    if (!is_valid_size(Sender::client, command, value.size())) {
        return Note{name_of(command) + ": a value of " + std::to_string(value.size()) +
                    " octets is dropped"};
    }
    return dispatch(command, value, reply);
}

std::optional<Event> ComPort::dispatch(Command command, base::ByteView value, base::Bytes& reply) {
    switch (command) {
    case Command::signature:
        return sign(value, reply);
    case Command::set_baudrate:
        return set_baud_rate(number_of(value), reply);
    case Command::set_datasize:
    case Command::set_parity:
    case Command::set_stopsize:
        return set_line(command, value.front(), reply);
    case Command::set_control:
        return control(value.front(), reply);
    case Command::notify_linestate:
        append_answer(reply, command, line_state & line_state_mask_);
        return std::nullopt;
    case Command::notify_modemstate:
        append_answer(reply, command, modem_.report());
        return std::nullopt;
    case Command::flowcontrol_suspend:
    case Command::flowcontrol_resume:
        return FlowControl{command == Command::flowcontrol_suspend};
    case Command::set_linestate_mask:
    case Command::set_modemstate_mask:
        return set_mask(command, value.front(), reply);
    case Command::purge_data:
        return purge(value.front(), reply);
    }
    return std::nullopt;
}

void ComPort::announce_modem_state(base::Bytes& reply) const {
    if (modem_.mask() != 0) {
        append_answer(reply, Command::notify_modemstate, modem_.report());
    }
}

void ComPort::set_modem_state(ModemState state, bool notify, base::Bytes& reply) {
    const auto value = modem_.change(state);
    if (notify && value) {
        append_answer(reply, Command::notify_modemstate, *value);
    }
}

std::optional<Event> ComPort::sign(base::ByteView text, base::Bytes& reply) const {
    if (!text.empty()) {
        return Note{"client signature: " + base::visible(text)};
    }
    append_answer(reply, Command::signature, base::bytes_of(signature_));
    return std::nullopt;
}

std::optional<Event> ComPort::set_baud_rate(std::uint32_t value, base::Bytes& reply) {
    const auto in_force = settings_.set_baud_rate(value);
    append_answer(reply, Command::set_baudrate, in_force);
    return note_setting(Command::set_baudrate, value, in_force);
}

std::optional<Event> ComPort::set_line(Command command, std::uint8_t value, base::Bytes& reply) {
    std::uint8_t in_force = 0;
    if (command == Command::set_datasize) {
        in_force = settings_.set_data_size(value);
    } else if (command == Command::set_parity) {
        in_force = settings_.set_parity(value);
    } else {
        in_force = settings_.set_stop_size(value);
    }
    append_answer(reply, command, in_force);
    return note_setting(command, value, in_force);
}

std::optional<Event> ComPort::control(std::uint8_t value, base::Bytes& reply) {
    const bool had_break = settings_.break_state();
    const auto answer = settings_.control(value);
    if (!answer) {
        return Note{"SET-CONTROL: unknown value " + number(value)};
    }
    const auto in_force = static_cast<std::uint8_t>(*answer);
    append_answer(reply, Command::set_control, in_force);
    if (settings_.break_state() != had_break) {
        return Break{.on = !had_break, .momentary = false};
    }
    return note_setting(Command::set_control, value, in_force);
}

std::optional<Event> ComPort::set_mask(Command command, std::uint8_t mask, base::Bytes& reply) {
    if (command == Command::set_modemstate_mask) {
        modem_.set_mask(mask);
    } else {
        line_state_mask_ = mask;
    }
    append_answer(reply, command, mask);
    return note_setting(command, mask, mask);
}

std::optional<Event> ComPort::purge(std::uint8_t value, base::Bytes& reply) const {
    if (value == 0 || value > (purge_bit::receive | purge_bit::transmit)) {
        return Note{"PURGE-DATA: unknown value " + number(value)};
    }
    append_answer(reply, Command::purge_data, value);
    // The names are those of the serial port, which receives what the board puts out.
    return Purge{.output = (value & purge_bit::receive) != 0,
                 .input = (value & purge_bit::transmit) != 0};
}

} // namespace mpbridge::rfc2217
