#include "board/board.hpp"

#include "repl/banner.hpp"
#include "repl/protocol.hpp"
#include "repl/soft_reset.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <cassert>
#include <csignal>
#include <new>
#include <string>

namespace mpbridge::board {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::experimental::awaitable_operators::operator&&;

namespace {

constexpr std::size_t input_bound = 4 * 1024 * 1024;
constexpr std::size_t total_input_bound = 4 * input_bound;
constexpr std::size_t output_in_hand = 64 * 1024;
constexpr auto terminate_patience = 2s;
constexpr auto reentry_deadline = 10s;
constexpr auto reentry_step = 1s;
constexpr auto first_prompt_patience = 10s;

// How long a new client waits at most for what a former one caused to come to its end.
constexpr auto settle_deadline = 200ms;
constexpr auto settle_check_interval = 1ms;

// How long a Ctrl-C that went to the process as data may still turn out to be an interrupt.
constexpr auto late_ctrl_c_deadline = 500ms;

// A start takes processor time from what the client does. So it waits until the board has nothing
// to do, though not for ever.
constexpr auto rest_patience = 2s;
constexpr auto first_rest_check = 20ms;
constexpr auto rest_check_interval = 200ms;

} // namespace

Board::Board(boost::asio::any_io_executor executor, BoardConfig config, base::Log& log)
    : executor_(std::move(executor)), config_(std::move(config)), log_(log),
      standby_(executor_, config_.command, config_.standby, log), newlines_(config_.newline),
      interrupt_(config_.interrupt), detached_(config_.replay), input_(total_input_bound),
      output_event_(executor_), input_event_(executor_), room_event_(executor_),
      ctrl_c_event_(executor_), reentry_(executor_), late_ctrl_c_(executor_),
      restart_pause_(executor_), first_prompt_(executor_), rest_(executor_),
      kill_timer_(executor_) {
    // Now, so that output passes also when there is no more memory.
    read_buffer_.resize(output_in_hand);
    translated_.reserve(3 * output_in_hand);
}

// ---- life cycle

base::Result<void> Board::start() {
    auto first = start_incarnation(repl::Mode::friendly);
    if (!first) {
        return first.error();
    }
    current_ = std::move(first.value());
    return {};
}

base::Result<std::unique_ptr<Incarnation>> Board::start_incarnation(repl::Mode start_in) {
    auto spare = standby_.take();
    auto launched = spare ? base::Result<Launched>(std::move(*spare)) : launch(config_.command);
    if (!launched) {
        return launched.error();
    }
    std::unique_ptr<Incarnation> next;
    try {
        next = std::make_unique<Incarnation>(executor_, std::move(launched.value()), start_in,
                                             newlines_);
    } catch (const std::exception& error) {
        return base::Error{"Cannot watch MicroPython: " + std::string(error.what())};
    }
    if (client_ == nullptr || half_closed_) {
        detached_.process_started();
    } else {
        detached_.process_used();
    }
    return next;
}

awaitable<void> Board::wait_for_first_prompt() {
    if (!version_checked_ && !stopping_) {
        co_await first_prompt_.pass(first_prompt_patience);
    }
}

awaitable<base::Result<void>> Board::run() {
    bool first = true;
    while (true) {
        const auto status = co_await live();
        if (stopping_) {
            break;
        }
        const auto result = first ? first_start_result(status) : base::Result<void>();
        first = false;
        if (!result) {
            co_return result;
        }
        co_await restart(status);
        if (stopping_) {
            break;
        }
    }
    current_.reset();
    co_return base::Result<void>();
}

// One process from its start to its end, all its output read and all unread input taken back.
awaitable<posix::ExitStatus> Board::live() {
    posix::ExitStatus status;
    set_carrier(true);
    co_await (watch_end(status) && move_output() && move_input() && watch_late_ctrl_c() &&
              fill_standby());
    base::Bytes held;
    current_->repl.release_held(held);
    deliver(held);
    if (!current_->reset_button) {
        give_back_input(current_->pty.take_unread_input());
    }
    current_->pty.close_slave_for_all();
    co_return status;
}

awaitable<void> Board::watch_end(posix::ExitStatus& status) {
    bool cancelled = false; // as another part has failed; the others are to end, too
    while (!cancelled && !current_->process.has_ended()) {
        const auto [error] = co_await current_->end.readable();
        cancelled = error.failed();
    }
    if (!cancelled) {
        status = current_->process.reap();
    }
    kill_timer_.cancel();
    current_->ended = true;
    current_->master.cancel();
    output_event_.notify();
    input_event_.notify();
    reentry_.wake();
    ctrl_c_event_.notify();
    late_ctrl_c_.wake();
    rest_.wake();
    standby_.vacancy().notify();
}

awaitable<void> Board::fill_standby() {
    while (!current_->ended) {
        if (!standby_.has_vacancy() || !current_->repl.is_micropython()) {
            co_await standby_.vacancy().wait();
            continue;
        }
        const bool rests = co_await come_to_rest();
        if (rests && standby_.has_vacancy()) {
            standby_.start_one();
        }
    }
}

// False: the process ended.
awaitable<bool> Board::come_to_rest() {
    const auto deadline = std::chrono::steady_clock::now() + rest_patience;
    for (auto pause = first_rest_check; std::chrono::steady_clock::now() < deadline;
         pause = std::min(2 * pause, rest_check_interval)) {
        was_used_ = false;
        co_await rest_.pass(pause);
        if (current_->ended || (!was_used_ && has_answered())) {
            break;
        }
    }
    co_return !current_->ended;
}

base::Result<void> Board::first_start_result(posix::ExitStatus status) const {
    const bool failed_at_once = !status.success() && !current_->repl.is_micropython() &&
                                !RestartPolicy::ran_for_some_time(current_->age());
    if (!failed_at_once) {
        return {};
    }
    auto output = current_->startup_output;
    while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) {
        output.pop_back();
    }
    return base::Error{config_.command.executable + " failed at once (" + status.describe() + ")" +
                       (output.empty() ? std::string() : ": " + output)};
}

awaitable<void> Board::restart(posix::ExitStatus status) {
    const bool used = current_->repl.is_micropython() && current_->got_input;
    const bool useful =
        used || current_->reset_button || RestartPolicy::ran_for_some_time(current_->age());
    const auto start_in =
        current_->reset_button ? repl::Mode::friendly : current_->repl.mode_after_reset();
    set_carrier(false);
    announce(status);
    co_await pause_before_restart(useful, status.describe());
    while (!stopping_) {
        auto next = start_incarnation(start_in);
        if (next) {
            current_ = std::move(next.value());
            co_return;
        }
        log_.error(next.error().message);
        current_.reset(); // its PTY may be what the next one lacks
        co_await pause_before_restart(false, next.error().message);
    }
}

awaitable<void> Board::pause_before_restart(bool useful, std::string_view ending) {
    const auto delay = restart_policy_.ended(useful);
    if (delay == RestartPolicy::Duration::zero() || stopping_) {
        co_return;
    }
    const auto text = std::to_string(delay.count()) + " ms";
    log_.warning("MicroPython ended at once (" + std::string(ending) + "), next start in " + text);
    deliver(base::bytes_of(repl::restart_delay_line(ending, text)));
    restart_pauses_ = true;
    co_await restart_pause_.pass(delay);
    restart_pauses_ = false;
}

void Board::announce(posix::ExitStatus status) {
    if (current_->reset_button) {
        ++restarts_.reset_button;
        log_.info("Reset: MicroPython is started anew");
        return;
    }
    const auto crash = status.signal != 0 ? status.signal_name() : std::string();
    if (crash.empty()) {
        ++restarts_.soft_resets;
        log_.info("Soft reset: MicroPython ended (" + status.describe() + ")");
    } else {
        ++restarts_.crashes;
        log_.warning("Soft reset: MicroPython crashed (" + crash + ")");
    }
    deliver(base::bytes_of(repl::soft_reboot_lines(crash)));
}

void Board::stop() {
    if (stopping_) {
        return;
    }
    stopping_ = true;
    standby_.stop();
    restart_pause_.wake();
    first_prompt_.wake();
    output_event_.notify();
    room_event_.notify();
    if (!carrier()) {
        return;
    }
    current_->process.send(SIGTERM);
    current_->process.send(SIGCONT);
    kill_timer_.expires_after(terminate_patience);
    kill_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error && carrier()) {
            current_->process.send(SIGKILL);
        }
    });
}

void Board::reset() {
    if (carrier()) {
        discard_input();
        current_->reset_button = true;
        current_->process.send(SIGKILL);
    }
}

void Board::set_carrier(bool on) {
    if (client_ != nullptr) {
        client_->carrier(on);
    }
}

// ---- clients

awaitable<void> Board::attach(Client& client, const bool& given_up) {
    co_await settle(given_up);
    if (given_up || stopping_) {
        co_return;
    }
    assert(client_ == nullptr);
    client_ = &client;
    newlines_.connection_begins();
    client.carrier(carrier());
    const auto missed = detached_.take();
    client_ready_ = missed.empty() || client.output(missed);
}

// Nothing of one client's session shall reach the next, not even a prompt that comes late.
awaitable<void> Board::settle(const bool& given_up) {
    const auto deadline = last_detach_ + settle_deadline;
    Sleep check(executor_);
    while (!given_up && std::chrono::steady_clock::now() < deadline) {
        if (former_business_is_over()) {
            break;
        }
        co_await check.pass(settle_check_interval);
    }
}

bool Board::former_business_is_over() const {
    if (!carrier()) {
        // What is still to be said about the end of the process is the former client's too.
        return restart_pauses_;
    }
    return input_.empty() && current_->is_done();
}

void Board::client_half_closed() {
    half_closed_ = true;
    output_since_half_close_was_lost_ = false;
    detached_.begin();
}

void Board::detach(Client& client) {
    // Also one that was never attached may have sent something.
    last_detach_ = std::chrono::steady_clock::now();
    left_behind_ = input_.size();
    room_event_.notify();
    if (client_ != &client) {
        return;
    }
    client_ = nullptr;
    client_ready_ = true;
    const bool keep =
        half_closed_ && (output_since_half_close_was_lost_ || detached_.fresh_process());
    if (!keep) {
        detached_.begin();
    }
    half_closed_ = false;
    output_event_.notify();
}

// ---- process to client

awaitable<void> Board::move_output() {
    while (true) {
        while (!client_has_room() && !stopping_) {
            co_await output_event_.wait();
        }
        if (const auto before = std::exchange(current_->printed_before, {}); !before.empty()) {
            handle_output(before, true);
            continue;
        }
        if (!current_->ended) {
            co_await current_->master.readable();
        }
        const bool ended = current_->ended;
        const auto count = read_output();
        handle_output(base::ByteView(read_buffer_).first(count), true);
        if (count == 0 && ended) {
            co_return;
        }
    }
}

// Asks again when it had none: it may have got some while nobody waited for it.
bool Board::client_has_room() {
    client_ready_ = client_ready_ || client_ == nullptr || client_->output({});
    return client_ready_;
}

// The kernel hands out at most 4 KiB at a time; a small piece is taken as the end of what there is.
std::size_t Board::read_output() {
    constexpr std::size_t worth_another_read = 2048;
    std::size_t count = 0;
    while (count + worth_another_read <= read_buffer_.size()) {
        const auto got =
            posix::read_some(current_->pty.master(), std::span(read_buffer_).subspan(count));
        count += got.count;
        if (got.ended && !current_->ended) {
            log_.warning("MicroPython's terminal was hung up");
            current_->process.send(SIGKILL);
        }
        if (got.count < worth_another_read) {
            break;
        }
    }
    return count;
}

void Board::handle_output(base::ByteView printed, bool to_client) {
    if (printed.empty()) {
        return;
    }
    log_.trace("from MicroPython", printed);
    interrupt_.output_seen();
    was_used_ = true;
    auto& repl = current_->repl;
    const bool was_micropython = repl.is_micropython();
    const bool held_input = !repl.takes_input();
    const bool executing = repl.needs_executing() && current_->pty.executing();
    translated_.clear();
    const auto actions = repl.output(printed, executing, translated_);
    if (!version_checked_) {
        current_->keep_startup_output(printed);
        check_version();
    }
    if (actions.paste_begins) {
        current_->pty.mark_executing();
    }
    if (actions.send_ctrl_a) {
        // The process waits at its prompt with nothing to read, so there is room for one byte.
        posix::write_some(current_->pty.master(), base::ByteView(&repl::ctrl_a, 1));
        repl.input(base::ByteView(&repl::ctrl_a, 1));
    }
    if (held_input && repl.takes_input()) {
        reentry_.wake();
    }
    if (!was_micropython && repl.is_micropython()) {
        standby_.vacancy().notify();
    }
    if (to_client) {
        deliver(translated_);
    }
}

void Board::deliver(base::ByteView output) {
    if (output.empty()) {
        return;
    }
    if (client_ == nullptr || half_closed_) {
        keep(output);
    } else {
        detached_.process_used();
    }
    if (client_ != nullptr) {
        client_ready_ = client_->output(output);
    }
}

void Board::keep(base::ByteView output) {
    try {
        detached_.add(output);
    } catch (const std::bad_alloc&) {
        detached_.begin(); // nobody has a right to it
    }
}

void Board::check_version() {
    if (!current_->repl.is_micropython()) {
        return;
    }
    version_checked_ = true;
    first_prompt_.wake();
    micropython_release_ = repl::banner_release(current_->startup_output);
    const auto version = repl::banner_version(current_->startup_output);
    if (version && *version < repl::first_with_raw_repl) {
        log_.warning("This is MicroPython " + std::to_string(version->major) + "." +
                     std::to_string(version->minor) + ": mpremote needs 1.27 or newer");
    }
}

void Board::discard_output() {
    if (!current_ || !carrier()) {
        return;
    }
    base::Bytes dropped(output_in_hand);
    for (std::size_t total = 0; total < output_in_hand;) {
        const auto got = posix::read_some(current_->pty.master(), dropped);
        if (got.count == 0) {
            break;
        }
        total += got.count;
        handle_output(base::ByteView(dropped).first(got.count), false);
    }
}

// ---- client to process

std::size_t Board::input_room() const {
    const auto own = input_.size() - std::min(input_.size(), left_behind_);
    return input_bound - std::min(input_bound, own);
}

awaitable<void> Board::wait_for_input_room(const bool& given_up) {
    while (input_room() == 0 && !given_up && !stopping_) {
        co_await room_event_.wait();
    }
}

void Board::write(base::ByteView data) {
    log_.trace("to MicroPython", data);
    detached_.process_used();
    was_used_ = true;
    if (repl::contains_ctrl_c(data) && interrupts(data)) {
        const auto rest = repl::without_ctrl_c(data);
        if (!rest.empty()) {
            write(rest);
        }
        return;
    }
    if (input_.push(data) < data.size()) {
        log_.warning("Input dropped: MicroPython does not read, and clients that left had sent "
                     "too much");
    }
    if (takes_input()) {
        flush_input();
    }
    if (!input_.empty()) {
        input_event_.notify();
    }
}

// What was written and never read comes before all else.
void Board::give_back_input(base::ByteView unread) {
    if (left_behind_ > 0) {
        left_behind_ += unread.size();
    }
    input_.push_front(unread);
}

// Writes what the PTY takes and returns how much that was.
std::size_t Board::flush_input() {
    std::size_t total = 0;
    while (!input_.empty()) {
        const auto front = input_.front();
        const auto written = posix::write_some(current_->pty.master(), front).count;
        if (written == 0) {
            break;
        }
        current_->repl.input(front.first(written));
        input_.pop(written);
        left_behind_ -= std::min(left_behind_, written);
        current_->got_input = true;
        total += written;
    }
    return total;
}

awaitable<void> Board::move_input() {
    co_await finish_reentry();
    while (!current_->ended) {
        if (input_.empty() || !takes_input()) {
            co_await input_event_.wait();
        } else if (flush_input() > 0) {
            room_event_.notify();
        } else {
            co_await current_->master.writable();
        }
    }
}

awaitable<void> Board::finish_reentry() {
    const auto under_way = [this] { return !current_->ended && !current_->repl.takes_input(); };
    // In steps: of the time in which the bridge itself was stopped only one of them counts.
    for (auto left = reentry_deadline; left.count() > 0 && under_way(); left -= reentry_step) {
        co_await reentry_.pass(reentry_step);
    }
    if (under_way()) {
        log_.warning("MicroPython did not come to its raw REPL after a soft reset");
        base::Bytes held;
        current_->repl.give_up_reentry(held);
        deliver(held);
    }
}

bool Board::takes_input() const {
    return carrier() && !current_->reset_button && current_->repl.takes_input();
}

void Board::discard_input() {
    input_.clear();
    left_behind_ = 0;
    // On the way to the raw REPL the only input there is the board's own.
    if (takes_input()) {
        current_->pty.discard_unread_input();
    }
    room_event_.notify();
}

// ---- Ctrl-C

bool Board::interrupt_wanted() const {
    return interrupt_.wanted(current_->repl.is_micropython(), current_->activity());
}

bool Board::interrupts(base::ByteView data) {
    if (!carrier() || !interrupt_.possible(current_->repl.is_micropython())) {
        return false;
    }
    const auto now = std::chrono::steady_clock::now();
    const bool wanted = interrupt_wanted();
    if (wanted && interrupt_.still_pending(now)) {
        return true;
    }
    if (!wanted || !current_->process.interrupt_if([this] { return interrupt_wanted(); })) {
        ctrl_c_as_data_ = true;
        ctrl_c_event_.notify();
        return false;
    }
    interrupt_.sent(now);
    log_.debug("Ctrl-C: interrupt sent (" + std::to_string(data.size()) + " bytes of input)");
    return true;
}

// A Ctrl-C can arrive when a line of code has been read but does not run yet. It then goes to the
// process as data, and nobody would read it. So while it stays unread, look again.
awaitable<void> Board::watch_late_ctrl_c() {
    while (!current_->ended) {
        if (!ctrl_c_as_data_) {
            co_await ctrl_c_event_.wait();
            continue;
        }
        ctrl_c_as_data_ = false;
        const auto deadline = std::chrono::steady_clock::now() + late_ctrl_c_deadline;
        for (std::chrono::milliseconds pause(1); std::chrono::steady_clock::now() < deadline;
             pause *= 2) {
            if (current_->ended || !current_->pty.has_unread_input()) {
                break;
            }
            if (interrupt_wanted()) {
                interrupt_late();
                break;
            }
            co_await late_ctrl_c_.pass(pause);
        }
    }
}

void Board::interrupt_late() {
    const bool interrupted = current_->process.interrupt_if([this] {
        if (!interrupt_wanted()) {
            return false;
        }
        const auto unread = current_->pty.take_unread_input();
        give_back_input(repl::without_ctrl_c(unread));
        return repl::contains_ctrl_c(unread);
    });
    if (interrupted) {
        interrupt_.sent(std::chrono::steady_clock::now());
    }
    input_event_.notify();
}

} // namespace mpbridge::board
