#include "ports/doorman.hpp"

#include "ports/tcp_connection.hpp"

#include <string>

namespace mpbridge::ports {

bool Doorman::lets_in(const boost::asio::ip::tcp::endpoint& peer, Clock::time_point now) {
    if (allowed_.admits(peer.address())) {
        return true;
    }
    if (!reported_ || now - *reported_ >= report_interval) {
        report(peer, now);
    } else {
        ++not_reported_;
    }
    return false;
}

void Doorman::report(const boost::asio::ip::tcp::endpoint& peer, Clock::time_point now) {
    const auto others = std::exchange(not_reported_, 0);
    reported_ = now;
    log_.warning("Rejected connection from " + endpoint_name(peer) + " - address not allowed" +
                 (others == 0 ? "" : " (and " + std::to_string(others) + " more before it)"));
}

} // namespace mpbridge::ports
