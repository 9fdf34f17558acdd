#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

namespace mpbridge::ports {

// Tells when a TCP peer that takes nothing is gone, and not only slow (posix::check_stall).
class StallWatch {
  public:
    // `still_blocked`: whether data waits to be sent. `gone` is called at most once.
    StallWatch(const boost::asio::any_io_executor& executor, int socket,
               std::function<bool()> still_blocked, std::function<void()> gone);

    // Data waits to be sent now.
    void blocked();
    void cancel();

  private:
    struct State;

    static void watch(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

} // namespace mpbridge::ports
