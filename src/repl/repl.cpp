#include "repl/repl.hpp"

namespace mpbridge::repl {

Repl::Repl(Mode start_in, NewlineFilter& newlines) : newlines_(newlines) {
    if (start_in == Mode::raw) {
        reentry_.emplace();
    }
}

Repl::Actions Repl::output(base::ByteView printed, bool executing, base::Bytes& to) {
    Actions actions;
    while (!printed.empty()) {
        const auto mode_before = tracker_.mode();
        const auto step = tracker_.next(printed, executing);
        actions.paste_begins = actions.paste_begins || step.mark == ModeTracker::Mark::paste_begins;
        if (reentry_) {
            reenter(step, actions, to);
        } else {
            newlines_.translate(step, mode_before, tracker_.is_micropython(), to);
        }
    }
    return actions;
}

void Repl::reenter(const ModeTracker::Step& step, Actions& actions, base::Bytes& to) {
    switch (reentry_->output(step, to)) {
    case RawReentry::Action::send_ctrl_a:
        actions.send_ctrl_a = true;
        break;
    case RawReentry::Action::done:
        reentry_.reset();
        newlines_.prompt_seen();
        break;
    case RawReentry::Action::none:
        break;
    }
}

void Repl::give_up_reentry(base::Bytes& to) {
    release_held(to);
    reentry_.reset();
}

void Repl::release_held(base::Bytes& to) {
    if (reentry_) {
        reentry_->give_up(to);
    }
}

} // namespace mpbridge::repl
