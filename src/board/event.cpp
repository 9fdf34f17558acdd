#include "board/event.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <memory>

namespace mpbridge::board {

using boost::asio::use_awaitable;

// Not a timer that never expires and is cancelled: Asio wakes up for these, too, now and then.
boost::asio::awaitable<void> Event::wait() {
    co_await boost::asio::async_initiate<decltype(use_awaitable), void()>(
        [this](auto handler) {
            // What is waited for with can only be moved, and a std::function wants copies.
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            waiting_.emplace_back(
                [this, shared] { boost::asio::post(executor_, std::move(*shared)); });
        },
        use_awaitable);
}

void Event::notify() {
    for (const auto& resume : std::exchange(waiting_, {})) {
        resume();
    }
}

boost::asio::awaitable<void> Sleep::pass(std::chrono::steady_clock::duration time) {
    timer_.expires_after(time);
    co_await timer_.async_wait(as_result);
}

} // namespace mpbridge::board
