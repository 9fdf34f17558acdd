#include "board/incarnation.hpp"

#include <algorithm>

namespace mpbridge::board {
namespace {

constexpr std::size_t startup_output_kept = 4096;

} // namespace

Incarnation::Incarnation(const boost::asio::any_io_executor& executor, Launched launched,
                         repl::Mode start_in, repl::NewlineFilter& newlines)
    : pty(std::move(launched.pty)), process(std::move(launched.process)),
      printed_before(std::move(launched.printed)), master(executor, pty.master()),
      end(executor, process.end_descriptor()), repl(start_in, newlines) {}

repl::Activity Incarnation::activity() const {
    const auto status = process.status();
    return {.executing = pty.executing(), .catches_interrupt = status && status->catches_interrupt};
}

bool Incarnation::is_quiet() const {
    if (ended) {
        return true;
    }
    // In this order: without input left it can only finish what it does, then sleep, and what it
    // printed until then can be seen.
    if (pty.has_unread_input()) {
        return false;
    }
    const auto status = process.status();
    return status && status->sleeping && !pty.has_unread_output();
}

bool Incarnation::is_quiet_at_prompt() const {
    return !ended && repl.is_micropython() && repl.takes_input() && is_quiet() && !pty.executing();
}

void Incarnation::keep_startup_output(base::ByteView printed) {
    const auto room = startup_output_kept - std::min(startup_output_kept, startup_output.size());
    startup_output += base::text_of(printed).substr(0, room);
}

} // namespace mpbridge::board
