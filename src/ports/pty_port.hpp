#pragma once

#include "board/event.hpp"
#include "ports/connection.hpp"
#include "ports/device_port.hpp"
#include "ports/gate.hpp"
#include "ports/pty_connection.hpp"
#include "ports/report_limit.hpp"

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
    // How often the same is done before others get their turn, since programs can open the device,
    // set it and write to it for ever.
    static constexpr int at_once = 16;

    // Guards the gate with itself.
    PtyPort(const boost::asio::any_io_executor& executor, std::unique_ptr<DevicePort> port,
            const Surroundings& surroundings);

    // Serves from now on, until close(), which removes the device and its link. This object has to
    // stay until the executor is done.
    void start();
    void close();

    bool shut() override;
    void reopen() override;

    std::string description() const { return port_->description(); }
    const std::string& path() const { return port_->path(); }
    std::string link() const { return port_->link(); } // empty: none

    // For its connection.
    posix::SerialDevice& device() { return port_->device(); }
    board::Watch& master() { return port_->master(); }
    const boost::asio::any_io_executor& executor() const { return executor_; }
    void look();
    void client_left();

  private:
    enum class State {
        free,
        used,     // there is a client
        shut,     // somebody else has the board
        intruded, // free for the next one to open it; who is in is not listened to
        closed
    };

    boost::asio::awaitable<void> watch_news();
    boost::asio::awaitable<void> watch_input();
    void act(posix::SerialDevice::News news);
    void welcome(bool perhaps_closed);
    void look_who_left();
    void vacate();
    void take_input();
    void drop_input();
    posix::SerialDevice::Input skip_notices(bool& noticed);
    void clean();
    void skip_own_notices();
    void remake(base::Level level);
    void say_busy();
    void look_again_in(std::chrono::milliseconds time);
    void look_again(std::chrono::milliseconds waited);
    void look_later();

    boost::asio::any_io_executor executor_;
    std::unique_ptr<DevicePort> port_;
    Surroundings surroundings_;
    State state_ = State::free;
    std::shared_ptr<PtyConnection> client_; // in use
    bool doubtful_ = false;                 // the client may have left
    bool vacant_ = false;                   // the client leaves as it has closed the device
    bool in_between_ = false;               // somebody may have come unnoticed
    bool told_ = false;                     // one who is there, that it is busy
    bool remake_failed_ = false;
    ReportLimit remake_failures_;
    bool looks_later_ = false;
    board::Event free_event_; // the client left
    boost::asio::steady_timer look_again_;
};

} // namespace mpbridge::ports
