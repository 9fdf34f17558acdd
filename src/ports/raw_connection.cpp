#include "ports/raw_connection.hpp"

namespace mpbridge::ports {

RawConnection::RawConnection(boost::asio::ip::tcp::socket socket, const Surroundings& surroundings)
    : TcpConnection(std::move(socket), surroundings, {}) {}

void RawConnection::received(base::ByteView bytes) { line().write(bytes); }

} // namespace mpbridge::ports
