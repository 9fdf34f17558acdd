#pragma once

#include "base/bytes.hpp"
#include "repl/mode_tracker.hpp"

#include <string>

namespace mpbridge::repl {

// Brings a fresh process into the raw REPL, as a board is after a soft reset there: waits for its
// friendly prompt, sends Ctrl-A, waits for the raw prompt. The banner, the prompt and the line end
// between them are swallowed; what a start-up script prints before the banner is not.
class RawReentry {
  public:
    enum class Action { none, send_ctrl_a, done };

    // Appends to `to` what the client shall see of a step. After `done` (the step that ends in the
    // raw prompt) there is nothing more to do.
    Action output(const ModeTracker::Step& step, base::Bytes& to);

    // The deadline has passed: gives back what was held. Nothing more is to be done.
    void give_up(base::Bytes& to);

  private:
    void release_all_but_candidate(base::Bytes& to);

    bool ctrl_a_sent_ = false;
    std::string held_;
};

} // namespace mpbridge::repl
