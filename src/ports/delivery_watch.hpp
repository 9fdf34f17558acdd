#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

namespace mpbridge::ports {

// Tells when a TCP peer takes nothing because it is gone, and not only slow (posix::delivery).
// Looks every few seconds for as long as something sent has not arrived.
class DeliveryWatch {
  public:
    // `gone` is called at most once.
    DeliveryWatch(const boost::asio::any_io_executor& executor, int socket,
                  std::function<void()> gone);

    // Something is sent.
    void sending();
    void cancel();

  private:
    struct State;

    static void watch(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

} // namespace mpbridge::ports
