#include "ports/output_hold.hpp"

namespace mpbridge::ports {

void OutputHold::last(std::chrono::milliseconds time) {
    state_->active = true;
    timer_.expires_after(time);
    timer_.async_wait([weak = std::weak_ptr(state_),
                       round = ++state_->round](const boost::system::error_code& error) {
        const auto state = weak.lock();
        if (!error && state && state->round == round) {
            state->end();
        }
    });
}

void OutputHold::end() {
    timer_.cancel();
    state_->end();
}

void OutputHold::State::end() {
    if (active) {
        active = false;
        ended();
    }
}

} // namespace mpbridge::ports
