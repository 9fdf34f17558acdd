#include "rfc2217/codes.hpp"

#include "telnet/decoder.hpp"
#include "telnet/encoder.hpp"

#include <algorithm>
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

// How many octets of value a message has, at least and at most.
struct ValueSize {
    std::size_t least;
    std::size_t most;
};

// By Command, with the section of RFC 2217 that says so.
constexpr std::array<ValueSize, last_command + 1> value_sizes = {{
    {0, telnet::max_subnegotiation}, // SIGNATURE: 2
    {4, 4},                          // SET-BAUDRATE: 2
    {1, 1},                          // SET-DATASIZE: 2
    {1, 1},                          // SET-PARITY: 2
    {1, 1},                          // SET-STOPSIZE: 2
    {1, 1},                          // SET-CONTROL: 3
    {1, 1},                          // NOTIFY-LINESTATE: 4
    {1, 1},                          // NOTIFY-MODEMSTATE: 4
    {0, 0},                          // FLOWCONTROL-SUSPEND: 5
    {0, 0},                          // FLOWCONTROL-RESUME: 5
    {1, 1},                          // SET-LINESTATE-MASK: 3
    {1, 1},                          // SET-MODEMSTATE-MASK: 3
    {1, 1},                          // PURGE-DATA: 3
}};

// Section 4 has notifications from the server only, but clients send them to poll the line or modem
// state: with or without a value, which says nothing.
constexpr ValueSize poll_size = {0, 1};

ValueSize value_size(Sender sender, Command command) {
    const bool notifies =
        command == Command::notify_linestate || command == Command::notify_modemstate;
    if (sender == Sender::client && notifies) {
        return poll_size;
    }
    return value_sizes[static_cast<std::size_t>(command)];
}

void append_message(base::Bytes& out, int number, base::ByteView value) {
    base::Bytes payload = {static_cast<std::uint8_t>(number)};
    base::append(payload, value);
    telnet::append_subnegotiation(out, telnet::option::com_port, payload);
}

void append_message(base::Bytes& out, int number, Command command, std::uint32_t value) {
    std::array<std::uint8_t, 4> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        octets[i] = static_cast<std::uint8_t>(value >> (24U - 8U * i));
    }
    const base::ByteView all = octets;
    append_message(out, number, command == Command::set_baudrate ? all : all.last(1));
}

int client_number(Command command) { return static_cast<int>(command); }
int server_number(Command command) { return static_cast<int>(command) + server_offset; }

} // namespace

std::string name_of(Command command) {
    const auto number = static_cast<std::uint8_t>(command);
    return number <= last_command ? std::string(command_names[number]) : std::to_string(number);
}

bool is_valid_size(Sender sender, Command command, std::size_t octets) {
    const auto [least, most] = value_size(sender, command);
    return octets >= least && octets <= most;
}

std::string limited_signature(std::string text) {
    constexpr std::size_t most = 64;
    std::erase(text, '\xFF');
    text.resize(std::min(text.size(), most));
    return text;
}

std::uint32_t number_of(base::ByteView value) {
    std::uint32_t number = 0;
    for (const auto octet : value) {
        number = number << 8U | octet;
    }
    return number;
}

void append_command(base::Bytes& out, Command command, base::ByteView value) {
    append_message(out, client_number(command), value);
}

void append_command(base::Bytes& out, Command command, std::uint32_t value) {
    append_message(out, client_number(command), command, value);
}

void append_answer(base::Bytes& out, Command command, base::ByteView value) {
    append_message(out, server_number(command), value);
}

void append_answer(base::Bytes& out, Command command, std::uint32_t value) {
    append_message(out, server_number(command), command, value);
}

} // namespace mpbridge::rfc2217
