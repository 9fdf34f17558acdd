#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace mpbridge::ports {

// Holds output back while a client opens the port: programs flush their input when they have opened
// it, and would lose what they got before. Ends by end(), or by itself after some time.
class OutputHold {
  public:
    // `ended` is called when it ends, in either way.
    OutputHold(const boost::asio::any_io_executor& executor, std::function<void()> ended)
        : timer_(executor), state_(std::make_shared<State>(State{.ended = std::move(ended)})) {}

    // Begins, or goes on for that time from now.
    void last(std::chrono::milliseconds time);
    void end();
    bool active() const { return state_->active; }

  private:
    // Shared with the timer's handler, which may be due already when all else is over.
    struct State {
        std::function<void()> ended;
        bool active = false;
        unsigned round = 0; // a handler may be due already when the time is prolonged

        void end();
    };

    boost::asio::steady_timer timer_;
    std::shared_ptr<State> state_;
};

} // namespace mpbridge::ports
