#pragma once

#include "ports/connection.hpp"
#include "ports/output_hold.hpp"

namespace mpbridge::ports {

class PtyPort;

// The programs that have the PTY port's device open, from the first that opens it to the last that
// closes it. Output is held back until their first input or their flush, or for 50 ms.
class PtyConnection : public Connection {
  public:
    PtyConnection(PtyPort& port, const Surroundings& surroundings);

    std::string_view protocol() const override { return "pty"; }
    bool has_closed() override;
    void dismiss() override;

  private:
    void begin() override;
    void received(base::ByteView bytes) override;
    posix::Transfer receive(std::span<std::uint8_t> into) override;
    boost::asio::awaitable<void> readable() override;
    boost::asio::awaitable<void> writable() override;
    void cut() override;
    void left() override;
    boost::asio::awaitable<void> close_when_read();

    PtyPort& port_;
    OutputHold hold_;
    board::Sleep unread_;
    bool dismissed_ = false;
};

} // namespace mpbridge::ports
