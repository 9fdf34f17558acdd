#include "posix/line_state.hpp"

// Apart from all else, because <termios.h>, which has no custom baud rates, defines the same names.
#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace mpbridge::posix {

LineState line_state(int fd) {
    struct termios2 settings{};
    if (::ioctl(fd, TCGETS2, &settings) != 0) {
        return {};
    }
    return {.baud_rate = settings.c_ospeed, .two_stop_bits = (settings.c_cflag & CSTOPB) != 0};
}

} // namespace mpbridge::posix
