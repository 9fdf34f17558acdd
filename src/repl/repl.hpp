#pragma once

#include "base/bytes.hpp"
#include "repl/mode_tracker.hpp"
#include "repl/newline_filter.hpp"
#include "repl/raw_reentry.hpp"

#include <optional>

namespace mpbridge::repl {

// The REPL of one process as its client sees it: follows its mode, puts it into the mode it shall
// start in, and gives its output a board's line ends.
class Repl {
  public:
    struct Actions {
        bool send_ctrl_a = false;  // write Ctrl-A to the process, before anything else
        bool paste_begins = false; // the process will execute raw-paste code
    };

    // `start_in` raw: the process is put into the raw REPL before the client's input is due.
    Repl(Mode start_in, NewlineFilter& newlines);

    // Whether the client's input may be written to the process.
    bool takes_input() const { return !reentry_; }
    void input(base::ByteView written) { tracker_.input(written); }

    bool needs_executing() const { return tracker_.needs_executing(); }

    // Appends to `to` what the client shall see of the output; `executing` as in ModeTracker.
    Actions output(base::ByteView printed, bool executing, base::Bytes& to);

    // The raw REPL was not reached in time: carry on in the friendly one.
    void give_up_reentry(base::Bytes& to);

    // The process ended: appends to `to` what was held on the way to the raw REPL.
    void release_held(base::Bytes& to);

    Mode mode() const { return tracker_.mode(); }
    bool is_micropython() const { return tracker_.is_micropython(); }

    // The mode the next process starts in when this one ends now.
    Mode mode_after_reset() const { return reentry_ ? Mode::raw : tracker_.mode(); }

  private:
    void reenter(const ModeTracker::Step& step, Actions& actions, base::Bytes& to);

    ModeTracker tracker_;
    NewlineFilter& newlines_;
    std::optional<RawReentry> reentry_;
};

} // namespace mpbridge::repl
