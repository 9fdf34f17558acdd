#pragma once

#include "base/bytes.hpp"
#include "repl/protocol.hpp"

#include <string>

namespace mpbridge::repl {

// Follows one MicroPython process through its two REPL modes, from what is written to it and what
// it prints. A process starts in the friendly REPL.
//
// Neither side alone changes the mode: a program may print the text of a prompt, and data may
// contain 0x01 and 0x02. The raw REPL is entered when a Ctrl-A was sent and its prompt text came
// right behind an empty friendly prompt, or while the process was reading at a prompt; it is left
// when a Ctrl-B was sent and the banner and the friendly prompt came.
class ModeTracker {
  public:
    enum class Mark { none, friendly_prompt, raw_prompt, paste_begins };

    // A run of output up to and including a mark, or up to the end of what there is.
    struct Step {
        base::ByteView output;
        Mark mark = Mark::none;
    };

    // What the process gets to read, in order.
    void input(base::ByteView written);

    // Whether next() will look at `executing`, which may cost the caller something to find out.
    bool needs_executing() const { return mode_ == Mode::friendly && was_sent(ctrl_a); }

    // Takes the next step off the front of what the process printed. `executing`: it runs code
    // rather than reading at a prompt.
    Step next(base::ByteView& output, bool executing);

    Mode mode() const { return mode_; }

    // Whether a friendly prompt has been seen at the beginning of a line.
    bool is_micropython() const { return is_micropython_; }

  private:
    void remember_controls(std::string_view text);
    bool was_sent(std::uint8_t control) const;
    void answered(std::uint8_t control);
    bool requests_paste(std::string_view text);
    std::size_t up_to_anchor(base::ByteView output) const;
    void remember(base::ByteView output);
    Mark mark_here(bool executing);
    Mark friendly_prompt_here();
    Mark raw_prompt_here(bool executing);
    bool paste_header_here() const;
    bool recent_ends_with(std::string_view text) const;

    Mode mode_ = Mode::friendly;
    bool is_micropython_ = false;
    std::string controls_; // Ctrl-A and Ctrl-B that were sent and not yet answered, in order
    bool paste_requested_ = false;
    std::string input_end_; // the newest input, one byte short of a raw-paste request
    std::string recent_;    // the newest output, enough to hold a banner with its prompt
};

} // namespace mpbridge::repl
