#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace mpbridge::board {

inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

// Something coroutines of one thread wait for. It remembers nothing: look at the condition, then
// wait, then look again.
class Event {
  public:
    explicit Event(const boost::asio::any_io_executor& executor) : timer_(executor) {}

    boost::asio::awaitable<void> wait() {
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
        co_await timer_.async_wait(as_result);
    }

    // Also returns when the time has passed. One coroutine at a time.
    boost::asio::awaitable<void> wait_for(std::chrono::steady_clock::duration time) {
        timer_.expires_after(time);
        co_await timer_.async_wait(as_result);
    }

    void notify() { timer_.cancel(); }

  private:
    boost::asio::steady_timer timer_;
};

} // namespace mpbridge::board
