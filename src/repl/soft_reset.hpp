#pragma once

#include <string>
#include <string_view>

namespace mpbridge::repl {

// What a board would print when its program ends and it starts anew. `crash`: the name of the
// signal that ended the process, empty when it ended by itself.
std::string soft_reboot_lines(std::string_view crash);

// What the client is told when the program ends again and again as soon as it starts.
std::string restart_delay_line(std::string_view ending, std::string_view delay);

} // namespace mpbridge::repl
