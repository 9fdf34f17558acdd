#include "ports/doorman.hpp"

#include "ports/tcp_connection.hpp"

namespace mpbridge::ports {

bool Doorman::lets_in(const boost::asio::ip::tcp::endpoint& peer, Clock::time_point now) {
    if (allowed_.admits(peer.address())) {
        return true;
    }
    ++turned_away_;
    if (const auto count = limit_.next(now)) {
        log_.warning("Rejected connection from " + endpoint_name(peer) + " - address not allowed" +
                     *count);
    }
    return false;
}

} // namespace mpbridge::ports
