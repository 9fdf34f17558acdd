// What runs behind a bridge, in its PTY, when the bridge is measured. See commands.hpp.

#include "tools/commands.hpp"

#include <termios.h>
#include <unistd.h>

#include <exception>

namespace {

// As MicroPython has it at its prompt, whatever the peer has set.
void make_raw(int terminal) {
    termios settings{};
    if (::tcgetattr(terminal, &settings) == 0) {
        ::cfmakeraw(&settings);
        settings.c_lflag = 0;
        ::tcsetattr(terminal, TCSANOW, &settings);
    }
}

} // namespace

int main() {
    try {
        make_raw(STDIN_FILENO);
        mpbridge::bench::obey(STDIN_FILENO, STDOUT_FILENO);
    } catch (const std::exception&) {
        return 1; // the PTY was closed while something was written
    }
    return 0;
}
