#pragma once

#include "board/launch.hpp"
#include "board/watch.hpp"
#include "repl/interrupt.hpp"
#include "repl/repl.hpp"

#include <chrono>
#include <string>

namespace mpbridge::board {

// One process of the board on its PTY, from its start to its end.
class Incarnation {
  public:
    Incarnation(const boost::asio::any_io_executor& executor, Launched launched,
                repl::Mode start_in, repl::NewlineFilter& newlines);

    // What it does at this moment, for the decision on a Ctrl-C.
    repl::Activity activity() const;

    // Whether it has read all its input, done what that asked for, and printed nothing that has
    // not been read. Nothing else tells: there is no event for it.
    bool is_quiet() const;

    // The same, waiting at MicroPython's prompt.
    bool is_quiet_at_prompt() const;

    // Whether all that its input asked for is over. A MicroPython that sleeps may still be at it.
    bool is_done() const {
        return repl.is_micropython() ? ended || is_quiet_at_prompt() : is_quiet();
    }

    // Keeps what it prints first, for the version in the banner and for a failure's report.
    void keep_startup_output(base::ByteView printed);

    std::chrono::steady_clock::duration age() const {
        return std::chrono::steady_clock::now() - started_;
    }

    posix::Pty pty;
    posix::Process process;
    base::Bytes printed_before; // read from the PTY when it was in standby, until dealt with
    Watch master;
    Watch end;
    repl::Repl repl;
    std::string startup_output;
    bool got_input = false;
    bool ended = false;
    bool reset_button = false; // was ended by Board::reset()

  private:
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

} // namespace mpbridge::board
