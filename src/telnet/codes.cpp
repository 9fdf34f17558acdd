#include "telnet/codes.hpp"

#include <array>
#include <utility>

namespace mpbridge::telnet {
namespace {

// The commands from EOF on, in the order of their numbers.
constexpr std::array<std::string_view, 20> command_names = {
    "EOF", "SUSP", "ABORT", "EOR", "SE", "NOP",  "DM",   "BRK", "IP",   "AO",
    "AYT", "EC",   "EL",    "GA",  "SB", "WILL", "WONT", "DO",  "DONT", "IAC"};

constexpr std::array<std::pair<Option, std::string_view>, 14> option_names = {{
    {option::binary, "BINARY"},
    {option::echo, "ECHO"},
    {option::suppress_go_ahead, "SUPPRESS-GO-AHEAD"},
    {option::status, "STATUS"},
    {option::timing_mark, "TIMING-MARK"},
    {option::logout, "LOGOUT"},
    {option::terminal_type, "TERMINAL-TYPE"},
    {option::window_size, "WINDOW-SIZE"},
    {option::terminal_speed, "TERMINAL-SPEED"},
    {option::remote_flow_control, "REMOTE-FLOW-CONTROL"},
    {option::linemode, "LINEMODE"},
    {option::x_display_location, "X-DISPLAY-LOCATION"},
    {option::new_environ, "NEW-ENVIRON"},
    {option::com_port, "COM-PORT-OPTION"},
}};

std::string_view command_name(std::uint8_t number) {
    const auto index = static_cast<std::size_t>(number) - 236U;
    return index < command_names.size() ? command_names[index] : std::string_view{};
}

} // namespace

std::string_view name_of(Verb verb) { return command_name(static_cast<std::uint8_t>(verb)); }

std::string name_of(Command command) {
    const auto number = static_cast<std::uint8_t>(command);
    const auto name = command_name(number);
    return name.empty() ? std::to_string(number) : std::string(name);
}

std::string option_name(Option option) {
    for (const auto& [number, name] : option_names) {
        if (number == option) {
            return std::string(name);
        }
    }
    return std::to_string(option);
}

} // namespace mpbridge::telnet
