#pragma once

#include "board/event.hpp"
#include "ports/connection.hpp"
#include "ports/device_port.hpp"
#include "ports/gate.hpp"
#include "ports/pty_connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace mpbridge::ports {

// The board as a serial device of this machine. Whoever opens the device is the client, while it is
// free; while others have the board it is locked. Who gets in all the same (root may) is told that
// it is busy, and is not listened to: to get the board it has to open the device again.
class PtyPort : public Door {
  public:
    // Guards the gate with itself.
    PtyPort(const boost::asio::any_io_executor& executor, std::unique_ptr<DevicePort> port,
            const Surroundings& surroundings);

    // Serves from now on, until close(), which removes the device and its link. This object has to
    // stay until the executor is done.
    void start();
    void close();

    bool shut() override;
    void reopen() override;

    // For its connection.
    posix::SerialDevice& device() { return port_->device(); }
    board::Watch& master() { return port_->master(); }
    const boost::asio::any_io_executor& executor() const { return executor_; }
    void look();
    void client_left();
    std::string description() const { return port_->description(); }

  private:
    boost::asio::awaitable<void> watch_news();
    boost::asio::awaitable<void> watch_input();
    void act(posix::SerialDevice::News news);
    void welcome(posix::SerialDevice::News news);
    void take_input();
    void drop_input();
    void clean();
    void remake(base::Level level);
    void tell_busy();
    void look_who_left();
    void look_again_in(std::chrono::milliseconds time);
    void look_again(std::chrono::milliseconds waited);

    boost::asio::any_io_executor executor_;
    std::unique_ptr<DevicePort> port_;
    Surroundings surroundings_;
    std::shared_ptr<PtyConnection> client_;
    board::Event free_event_; // the client left
    boost::asio::steady_timer look_again_;
    bool shut_ = false;
    bool intruded_ = false; // who got in while it was shut is still there
    bool doubtful_ = false; // the client may have left
    bool closed_ = false;
};

} // namespace mpbridge::ports
