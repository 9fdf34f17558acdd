#include "ports/delivery_watch.hpp"

#include "posix/tcp.hpp"

#include <chrono>

namespace mpbridge::ports {
namespace {

constexpr auto look_interval = std::chrono::seconds(5);

} // namespace

// Shared with the timer's handler, which may be due already when all else is over.
struct DeliveryWatch::State {
    boost::asio::steady_timer timer;
    int socket;
    std::function<void()> gone;
    bool watching = false;
    bool over = false;
};

DeliveryWatch::DeliveryWatch(const boost::asio::any_io_executor& executor, int socket,
                             std::function<void()> gone)
    : state_(std::make_shared<State>(State{.timer = boost::asio::steady_timer(executor),
                                           .socket = socket,
                                           .gone = std::move(gone)})) {}

void DeliveryWatch::sending() {
    if (!state_->watching && !state_->over) {
        watch(state_);
    }
}

void DeliveryWatch::cancel() {
    state_->over = true;
    state_->timer.cancel();
}

void DeliveryWatch::watch(const std::shared_ptr<State>& state) {
    state->watching = true;
    state->timer.expires_after(look_interval);
    state->timer.async_wait([weak = std::weak_ptr(state)](const boost::system::error_code& error) {
        const auto watched = weak.lock();
        if (error || !watched || watched->over) {
            return;
        }
        watched->watching = false;
        switch (posix::delivery(watched->socket)) {
        case posix::Delivery::done:
            break;
        case posix::Delivery::under_way:
            watch(watched);
            break;
        case posix::Delivery::peer_gone:
            watched->over = true;
            watched->gone();
            break;
        }
    });
}

} // namespace mpbridge::ports
