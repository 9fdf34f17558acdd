#include "rfc2217/codes.hpp"

#include "telnet/encoder.hpp"

#include <array>
#include <string_view>

namespace mpbridge::rfc2217 {
namespace {

constexpr std::array<std::string_view, last_command + 1> command_names = {
    "SIGNATURE",           "SET-BAUDRATE",       "SET-DATASIZE",       "SET-PARITY",
    "SET-STOPSIZE",        "SET-CONTROL",        "NOTIFY-LINESTATE",   "NOTIFY-MODEMSTATE",
    "FLOWCONTROL-SUSPEND", "FLOWCONTROL-RESUME", "SET-LINESTATE-MASK", "SET-MODEMSTATE-MASK",
    "PURGE-DATA",
};

} // namespace

std::string name_of(Command command) {
    const auto number = static_cast<std::uint8_t>(command);
    return number <= last_command ? std::string(command_names[number]) : std::to_string(number);
}

void append_answer(base::Bytes& out, Command command, base::ByteView value) {
    base::Bytes payload;
    payload.push_back(static_cast<std::uint8_t>(static_cast<int>(command) + server_offset));
    base::append(payload, value);
    telnet::append_subnegotiation(out, telnet::option::com_port, payload);
}

void append_answer(base::Bytes& out, Command command, std::uint8_t value) {
    append_answer(out, command, base::ByteView(&value, 1));
}

} // namespace mpbridge::rfc2217
