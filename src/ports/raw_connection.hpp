#pragma once

#include "ports/tcp_connection.hpp"

namespace mpbridge::ports {

// A client of the raw port: its bytes are the serial line's.
class RawConnection : public TcpConnection {
  public:
    static constexpr std::string_view name = "socket";

    RawConnection(boost::asio::ip::tcp::socket socket, const Surroundings& surroundings);

    std::string_view protocol() const override { return name; }

  private:
    void received(base::ByteView bytes) override;
};

} // namespace mpbridge::ports
