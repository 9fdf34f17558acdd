#pragma once

#include "base/byte_queue.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "board/client.hpp"
#include "board/detached_output.hpp"
#include "board/event.hpp"
#include "board/incarnation.hpp"
#include "board/restart_policy.hpp"
#include "board/serial_line.hpp"
#include "board/standby.hpp"
#include "posix/process.hpp"
#include "repl/interrupt.hpp"
#include "repl/newline_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace mpbridge::board {

struct BoardConfig {
    posix::Command command;
    std::size_t replay = 0;  // bytes
    std::size_t standby = 0; // processes that wait to become the next one
    repl::InterruptPolicy interrupt = repl::InterruptPolicy::automatic;
    repl::NewlinePolicy newline = repl::NewlinePolicy::automatic;
};

// Why processes were started anew, since the start.
struct Restarts {
    std::uint64_t soft_resets = 0;
    std::uint64_t crashes = 0;
    std::uint64_t reset_button = 0;
};

// A MicroPython (or other) process on a PTY that never goes away: when the process ends it is
// started again, as a board soft-resets. Without a client, output is drained.
//
// Bounds: client input waiting for the process, 4 MiB before the client is to wait and 16 MiB
// including what clients that left had still sent; output in hand, 64 KiB.
class Board : public SerialLine {
  public:
    Board(boost::asio::any_io_executor executor, BoardConfig config, base::Log& log);

    // Starts the first process.
    base::Result<void> start();

    // Waits until MicroPython has shown its first prompt, which may be never, or some seconds, or
    // for stop(). For one coroutine.
    boost::asio::awaitable<void> wait_for_first_prompt();

    // What MicroPython's first banner says that it is. Empty: nothing yet.
    const std::string& micropython_release() const { return micropython_release_; }

    // Runs the board until stop() has ended it. An error: the first process failed at once.
    boost::asio::awaitable<base::Result<void>> run();

    // Ends the process (SIGTERM, after 2 s SIGKILL) and those in standby, and with them run().
    void stop();

    boost::asio::awaitable<void> attach(Client& client, const bool& given_up) override;
    void detach(Client& client) override;
    void client_half_closed() override;
    void output_was_lost() override { output_since_half_close_was_lost_ = true; }
    bool has_answered() const override {
        return current_ && input_.empty() && current_->is_quiet_at_prompt();
    }
    std::size_t input_room() const override;
    std::size_t total_input_room() const override { return input_.room(); }
    boost::asio::awaitable<void> wait_for_input_room(const bool& given_up) override;
    void wake_waiting_clients() override { room_event_.notify(); }

    // Ctrl-C takes effect at once.
    void write(base::ByteView data) override;
    void resume_output() override { output_event_.notify(); }

    void discard_output();
    void discard_input();

    // The reset button: kills the process; the next one starts in the friendly REPL.
    void reset();

    bool carrier() const { return current_ && !current_->ended; }

    const Restarts& restarts() const { return restarts_; }

  private:
    base::Result<std::unique_ptr<Incarnation>> start_incarnation(repl::Mode start_in);
    boost::asio::awaitable<posix::ExitStatus> live();
    boost::asio::awaitable<void> watch_end(posix::ExitStatus& status);
    boost::asio::awaitable<void> move_output();
    boost::asio::awaitable<void> move_input();
    boost::asio::awaitable<void> finish_reentry();
    boost::asio::awaitable<void> watch_late_ctrl_c();
    boost::asio::awaitable<void> fill_standby();
    boost::asio::awaitable<bool> come_to_rest();
    boost::asio::awaitable<void> restart(posix::ExitStatus status);
    boost::asio::awaitable<void> pause_before_restart(bool useful, std::string_view ending);

    bool client_has_room();
    std::size_t read_output();
    void handle_output(base::ByteView printed, bool to_client);
    void deliver(base::ByteView output);
    void keep(base::ByteView output);
    void announce(posix::ExitStatus status);
    void check_version();
    base::Result<void> first_start_result(posix::ExitStatus status) const;
    std::size_t flush_input();
    void give_back_input(base::ByteView unread);
    bool takes_input() const;
    bool interrupts(base::ByteView data);
    bool interrupt_wanted() const;
    void interrupt_late();
    boost::asio::awaitable<void> settle(const bool& given_up);
    bool former_business_is_over() const;
    void set_carrier(bool on);

    boost::asio::any_io_executor executor_;
    BoardConfig config_;
    base::Log& log_;

    std::unique_ptr<Incarnation> current_;
    Standby standby_;
    RestartPolicy restart_policy_;
    Restarts restarts_;
    repl::NewlineFilter newlines_;
    repl::Interrupt interrupt_;

    Client* client_ = nullptr;
    bool client_ready_ = true;
    bool half_closed_ = false;
    bool output_since_half_close_was_lost_ = false;
    std::chrono::steady_clock::time_point last_detach_{};
    DetachedOutput detached_;

    base::ByteQueue input_;
    std::size_t left_behind_ = 0; // of input_, at its front: of clients that are gone
    base::Bytes read_buffer_;
    base::Bytes translated_;

    Event output_event_;  // a client has room, came or left
    Event input_event_;   // there is input, or it may be written now
    Event room_event_;    // there is room for input
    Event ctrl_c_event_;  // a Ctrl-C went to the process as data
    Sleep reentry_;       // until the raw REPL is reached
    Sleep late_ctrl_c_;   // between two looks at such a Ctrl-C
    Sleep restart_pause_; // between two processes
    Sleep first_prompt_;
    Sleep rest_; // between two looks whether the board has nothing to do
    bool restart_pauses_ = false;
    bool ctrl_c_as_data_ = false;
    bool was_used_ = false; // since the last look: something was read or written
    bool stopping_ = false;
    bool version_checked_ = false; // its first prompt was shown
    std::string micropython_release_;
    boost::asio::steady_timer kill_timer_;
};

} // namespace mpbridge::board
