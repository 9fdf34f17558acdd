#include "rfc2217/remote_port.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace mpbridge::rfc2217 {
namespace {

constexpr std::array setting_commands = {Command::set_baudrate, Command::set_datasize,
                                         Command::set_parity, Command::set_stopsize};

std::optional<Command> command_of_server(base::ByteView payload) {
    if (payload.empty() || payload.front() < server_offset ||
        payload.front() > server_offset + last_command) {
        return std::nullopt;
    }
    return static_cast<Command>(payload.front() - server_offset);
}

ModemState modem_state_of(std::uint8_t bits) {
    return {.cts = (bits & modem_bit::cts) != 0,
            .dsr = (bits & modem_bit::dsr) != 0,
            .ri = (bits & modem_bit::ri) != 0,
            .cd = (bits & modem_bit::cd) != 0};
}

ClientEvent note(Command command, std::uint32_t value, std::string_view what = {}) {
    return Note{name_of(command) + " " + std::to_string(value) + std::string(what)};
}

} // namespace

RemotePort::RemotePort(std::string signature)
    : signature_(limited_signature(std::move(signature))) {}

void RemotePort::set_in_use(bool on, base::Bytes& to_wire) {
    if (on == in_use_) {
        return;
    }
    in_use_ = on;
    if (on) {
        for (const auto command : setting_commands) {
            send_setting(command, to_wire);
        }
        return;
    }
    suspended_ = false; // nothing could end it any more
    for (auto& setting : settings_) {
        setting.forget();
    }
}

void RemotePort::want(Command command, std::uint32_t value, base::Bytes& to_wire) {
    setting(command).want(value);
    send_setting(command, to_wire);
}

// What it drops depends on its place in the stream, so it never waits: neither for the option to
// come into use nor for the answer to an earlier one.
void RemotePort::purge(Purge what, base::Bytes& to_wire) const {
    const auto value =
        (what.output ? purge_bit::receive : 0U) | (what.input ? purge_bit::transmit : 0U);
    if (in_use_ && value != 0) {
        append_command(to_wire, Command::purge_data, value);
    }
}

std::optional<ClientEvent> RemotePort::receive(base::ByteView payload, base::Bytes& to_wire) {
    const auto command = command_of_server(payload);
    if (!command) {
        return Note{"COM-PORT-OPTION: unknown answer " +
                    (payload.empty() ? "(none)" : std::to_string(payload.front()))};
    }
    const auto value = payload.subspan(1);
    if (!is_valid_size(Sender::server, *command, value.size())) {
        return Note{name_of(*command) + ": an answer of " + std::to_string(value.size()) +
                    " octets is dropped"};
    }
    auto event = dispatch(*command, value, to_wire);
    // Only now: what was said unasked is no answer to the settings this sends.
    set_in_use(true, to_wire);
    return event;
}

std::optional<ClientEvent> RemotePort::dispatch(Command command, base::ByteView value,
                                                base::Bytes& to_wire) {
    switch (command) {
    case Command::signature:
        return sign(value, to_wire);
    case Command::set_baudrate:
    case Command::set_datasize:
    case Command::set_parity:
    case Command::set_stopsize:
        return take_answer(command, number_of(value), to_wire);
    case Command::notify_modemstate:
        return modem_state_of(value.front());
    case Command::flowcontrol_suspend:
    case Command::flowcontrol_resume:
        suspended_ = command == Command::flowcontrol_suspend;
        return std::nullopt;
    case Command::purge_data:
        return std::nullopt;
    case Command::notify_linestate:
    case Command::set_control:
    case Command::set_linestate_mask:
    case Command::set_modemstate_mask:
        return note(command, value.front());
    }
    return std::nullopt;
}

std::optional<ClientEvent> RemotePort::sign(base::ByteView text, base::Bytes& to_wire) const {
    if (!text.empty()) {
        return Note{"server signature: " + base::visible(text)};
    }
    append_command(to_wire, Command::signature, base::bytes_of(signature_));
    return std::nullopt;
}

// A value that is not the wanted one is the server's last word: asking again would not change it.
std::optional<ClientEvent> RemotePort::take_answer(Command command, std::uint32_t value,
                                                   base::Bytes& to_wire) {
    const auto sent = setting(command).take_answer();
    send_setting(command, to_wire);
    if (!sent) {
        return note(command, value, ": said unasked");
    }
    if (*sent != value) {
        return note(command, *sent, ": answered " + std::to_string(value));
    }
    return std::nullopt;
}

bool RemotePort::settled() const {
    return std::all_of(settings_.begin(), settings_.end(),
                       [](const auto& setting) { return setting.settled(); });
}

void RemotePort::send_setting(Command command, base::Bytes& to_wire) {
    if (!in_use_) {
        return;
    }
    if (const auto value = setting(command).send()) {
        append_command(to_wire, command, *value);
    }
}

RemoteSetting& RemotePort::setting(Command command) {
    return settings_.at(static_cast<std::size_t>(command) -
                        static_cast<std::size_t>(Command::set_baudrate));
}

} // namespace mpbridge::rfc2217
