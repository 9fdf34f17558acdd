#include "rfc2217/com_port.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mpbridge::rfc2217 {
namespace {

// Keeps the answer to the shortest question in proportion to it (Server::max_reply_factor).
constexpr std::size_t max_signature = 64;

// How many octets of value a command has, at least and at most.
struct ValueSize {
    std::size_t least;
    std::size_t most;
};

// By Command. A poll for the line or modem state comes with or without a value, which says nothing.
constexpr std::array<ValueSize, last_command + 1> value_sizes = {{
    {0, telnet::max_subnegotiation}, // SIGNATURE
    {4, 4},                          // SET-BAUDRATE
    {1, 1},                          // SET-DATASIZE
    {1, 1},                          // SET-PARITY
    {1, 1},                          // SET-STOPSIZE
    {1, 1},                          // SET-CONTROL
    {0, 1},                          // NOTIFY-LINESTATE
    {0, 1},                          // NOTIFY-MODEMSTATE
    {0, 0},                          // FLOWCONTROL-SUSPEND
    {0, 0},                          // FLOWCONTROL-RESUME
    {1, 1},                          // SET-LINESTATE-MASK
    {1, 1},                          // SET-MODEMSTATE-MASK
    {1, 1},                          // PURGE-DATA
}};

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

ComPort::ComPort(std::string signature) : signature_(std::move(signature)) {
    std::erase(signature_, '\xFF'); // would go out doubled
    signature_.resize(std::min(signature_.size(), max_signature));
}

std::optional<Event> ComPort::execute(base::ByteView payload, base::Bytes& reply) {
    if (payload.empty() || payload.front() > last_command) {
        return Note{"COM-PORT-OPTION: unknown command " +
                    (payload.empty() ? "(none)" : number(payload.front()))};
    }
    const auto value = payload.subspan(1);
    const auto [least, most] = value_sizes[payload.front()];
    const auto command = static_cast<Command>(payload.front());
    if (value.size() < least || value.size() > most) {
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
        return set_baud_rate(value, reply);
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

std::optional<Event> ComPort::set_baud_rate(base::ByteView value, base::Bytes& reply) {
    std::uint32_t wanted = 0;
    for (const auto octet : value) {
        wanted = wanted << 8U | octet;
    }
    const auto in_force = settings_.set_baud_rate(wanted);
    std::array<std::uint8_t, 4> answer{};
    for (std::size_t i = 0; i < answer.size(); ++i) {
        answer[i] = static_cast<std::uint8_t>(in_force >> (24U - 8U * i));
    }
    append_answer(reply, Command::set_baudrate, answer);
    return note_setting(Command::set_baudrate, wanted, in_force);
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
    constexpr unsigned receive = 1;
    constexpr unsigned transmit = 2;
    if (value == 0 || value > (receive | transmit)) {
        return Note{"PURGE-DATA: unknown value " + number(value)};
    }
    append_answer(reply, Command::purge_data, value);
    // The names are those of the serial port, which receives what the board puts out.
    return Purge{.output = (value & receive) != 0, .input = (value & transmit) != 0};
}

} // namespace mpbridge::rfc2217
