#pragma once

#include "base/log.hpp"
#include "board/event.hpp"
#include "posix/notify_socket.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace mpbridge::app {

// Tells the service manager, where there is one, that the bridge is ready, what it is doing, that
// it is alive and that it ends. What cannot be told is no harm to the bridge, and is only logged.
class ServiceNotifier {
  public:
    // An empty `address`: nobody asks. A `watchdog` of 0: nobody asks whether it is alive.
    ServiceNotifier(const boost::asio::any_io_executor& executor, const std::string& address,
                    std::chrono::microseconds watchdog, base::Log& log);

    // Tells it together with the status, however long the manager takes to have room for it.
    boost::asio::awaitable<void> ready();

    // What it is doing, told from ready() on.
    void set_status(std::string status);

    // Twice in each of the watchdog's periods, from the loop that does all the work.
    boost::asio::awaitable<void> keep_alive();

    // Nothing is told after it.
    void stopping();

  private:
    int tell(const std::string& lines);

    std::optional<posix::NotifySocket> socket_;
    std::chrono::microseconds watchdog_;
    base::Log& log_;
    std::string status_;
    bool ready_ = false;
    board::Sleep room_;
    board::Sleep pulse_;
};

} // namespace mpbridge::app
