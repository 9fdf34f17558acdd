#include "ports/stall_watch.hpp"

#include "posix/tcp.hpp"

#include <chrono>

namespace mpbridge::ports {
namespace {

constexpr auto check_interval = std::chrono::seconds(5);

} // namespace

// Shared with the timer's handler, which may be due already when all else is over.
struct StallWatch::State {
    boost::asio::steady_timer timer;
    int socket;
    std::function<bool()> still_blocked;
    std::function<void()> gone;
    bool watching = false;
    bool over = false;
};

StallWatch::StallWatch(const boost::asio::any_io_executor& executor, int socket,
                       std::function<bool()> still_blocked, std::function<void()> gone)
    : state_(std::make_shared<State>(State{.timer = boost::asio::steady_timer(executor),
                                           .socket = socket,
                                           .still_blocked = std::move(still_blocked),
                                           .gone = std::move(gone)})) {}

void StallWatch::blocked() {
    if (!state_->watching && !state_->over) {
        watch(state_);
    }
}

void StallWatch::cancel() {
    state_->over = true;
    state_->timer.cancel();
}

void StallWatch::watch(const std::shared_ptr<State>& state) {
    state->watching = true;
    state->timer.expires_after(check_interval);
    state->timer.async_wait([weak = std::weak_ptr(state)](const boost::system::error_code& error) {
        const auto watched = weak.lock();
        if (error || !watched || watched->over) {
            return;
        }
        watched->watching = false;
        if (posix::check_stall(watched->socket) == posix::Stall::peer_gone) {
            watched->over = true;
            watched->gone();
        } else if (watched->still_blocked()) {
            watch(watched);
        }
    });
}

} // namespace mpbridge::ports
