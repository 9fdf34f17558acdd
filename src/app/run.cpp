#include "app/run.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace mpbridge::app {
namespace {

base::Error unexpected(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return {error.what()};
    }
}

// A sleeping process takes its time to wake up; one that looks again is there at once.
void run_with_busy_poll(boost::asio::io_context& io, std::chrono::microseconds busy_poll) {
    using Clock = std::chrono::steady_clock;
    while (io.run_one() > 0) {
        for (auto last_event = Clock::now(); Clock::now() - last_event < busy_poll;) {
            if (io.poll() > 0) {
                last_event = Clock::now();
            }
        }
    }
}

} // namespace

base::Result<void> run_until_over(boost::asio::io_context& io,
                                  boost::asio::awaitable<base::Result<void>> main,
                                  const std::function<void()>& stop,
                                  std::chrono::microseconds busy_poll) {
    base::Result<void> result;
    boost::asio::co_spawn(io, std::move(main),
                          [&](const std::exception_ptr& failure, base::Result<void> ended) {
                              result = failure ? unexpected(failure) : std::move(ended);
                              stop();
                              io.stop();
                          });
    try {
        if (busy_poll == std::chrono::microseconds::zero()) {
            io.run();
        } else {
            run_with_busy_poll(io, busy_poll);
        }
    } catch (...) {
        // Asio itself has not even the memory to wait for something: whoever did is no more.
        return unexpected(std::current_exception());
    }
    return result;
}

} // namespace mpbridge::app
