#include "board/event.hpp"

namespace mpbridge::board {

boost::asio::awaitable<void> Event::wait() { co_await timer_.async_wait(as_result); }

boost::asio::awaitable<void> Sleep::pass(std::chrono::steady_clock::duration time) {
    timer_.expires_after(time);
    co_await timer_.async_wait(as_result);
}

} // namespace mpbridge::board
