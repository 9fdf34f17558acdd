#include "board/launch.hpp"

namespace mpbridge::board {

base::Result<Launched> launch(const posix::Command& command) {
    auto pty = posix::Pty::open();
    if (!pty) {
        return pty.error();
    }
    auto process = posix::Process::start(command, pty.value());
    if (!process) {
        return process.error();
    }
    return Launched{std::move(pty.value()), std::move(process.value()), {}};
}

} // namespace mpbridge::board
