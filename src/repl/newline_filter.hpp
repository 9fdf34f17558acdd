#pragma once

#include "base/bytes.hpp"
#include "repl/mode_tracker.hpp"

namespace mpbridge::repl {

enum class NewlinePolicy {
    automatic, // a board's line ends in the friendly REPL
    raw,       // nothing is ever changed
    crlf,      // a board's line ends in the raw REPL too
};

// Gives the output of the unix port the line ends of a board: \r\n where it prints \n alone while
// it executes code. Output that is not text stays as it is until the next prompt, and all output
// of a connection once mpremote's binary protocol (its messages begin with 0x18) was seen there.
class NewlineFilter {
  public:
    explicit NewlineFilter(NewlinePolicy policy) : policy_(policy) {}

    // A prompt that is not shown to translate() has come.
    void prompt_seen() { binary_ = false; }
    void connection_begins() { binary_protocol_ = false; }

    // Appends the step's output to `to`. `mode` is the mode in force before the step's mark.
    void translate(const ModeTracker::Step& step, Mode mode, bool is_micropython, base::Bytes& to);

  private:
    bool changes(base::ByteView output, Mode mode);

    NewlinePolicy policy_;
    bool binary_ = false; // until the next prompt
    bool binary_protocol_ = false;
    std::uint8_t last_ = 0;
};

} // namespace mpbridge::repl
