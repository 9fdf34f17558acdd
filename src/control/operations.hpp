#pragma once

#include "base/log.hpp"
#include "board/board.hpp"
#include "control/report.hpp"
#include "control/request.hpp"
#include "ports/doorman.hpp"
#include "ports/gate.hpp"
#include "ports/pty_port.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace mpbridge::control {

// The parts of a running bridge that are looked at, and acted on.
struct Parts {
    board::Board& board;
    ports::Gate& gate;
    const ports::Doorman& doorman;
    const ports::PtyPort* pty_port = nullptr; // none: no PTY port
};

// What can be asked of a running bridge. Counts its time from when it is made.
class Operations {
  public:
    Operations(const Parts& parts, Identity identity, base::Log& log)
        : parts_(parts), identity_(std::move(identity)), log_(log) {}

    // To a line that came over the control socket.
    std::string answer(std::string_view line);

    Snapshot snapshot() const;

  private:
    std::string answer(Request request);
    std::string kick();
    std::string reset();

    Parts parts_;
    Identity identity_;
    base::Log& log_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

} // namespace mpbridge::control
