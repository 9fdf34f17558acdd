#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

namespace mpbridge::board {

inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

// Something any number of coroutines of one thread wait for. It remembers nothing: look at the
// condition, then wait, then look again. Nothing but notify() ends a wait: Asio's cancellation does
// not, and a coroutine that keeps the event alive itself has to be notified before all is over.
class Event {
  public:
    explicit Event(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { notify(); }

    boost::asio::awaitable<void> wait();
    void notify();

  private:
    boost::asio::any_io_executor executor_;
    std::vector<std::function<void()>> waiting_; // each resumes one, later
};

// Time for one coroutine to pass, unless it is woken before.
class Sleep {
  public:
    explicit Sleep(const boost::asio::any_io_executor& executor) : timer_(executor) {}

    boost::asio::awaitable<void> pass(std::chrono::steady_clock::duration time);
    void wake() { timer_.cancel(); }

  private:
    boost::asio::steady_timer timer_;
};

} // namespace mpbridge::board
