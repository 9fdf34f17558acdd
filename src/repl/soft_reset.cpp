#include "repl/soft_reset.hpp"

namespace mpbridge::repl {

std::string soft_reboot_lines(std::string_view crash) {
    std::string lines;
    if (!crash.empty()) {
        lines.append("MPY: crashed (").append(crash).append(")\r\n");
    }
    return lines.append("MPY: soft reboot\r\n");
}

std::string restart_delay_line(std::string_view ending, std::string_view delay) {
    return std::string("MPY: ended at once (")
        .append(ending)
        .append("), next start in ")
        .append(delay)
        .append("\r\n");
}

} // namespace mpbridge::repl
