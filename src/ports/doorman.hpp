#pragma once

#include "base/log.hpp"
#include "ports/allow_list.hpp"
#include "ports/report_limit.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <utility>

namespace mpbridge::ports {

// Looks at where connections come from, for all listeners. Says in the log that one may not come
// in, but not every time.
class Doorman {
  public:
    using Clock = ReportLimit::Clock;

    Doorman(AllowList allowed, base::Log& log) : allowed_(std::move(allowed)), log_(log) {}

    bool lets_in(const boost::asio::ip::tcp::endpoint& peer, Clock::time_point now = Clock::now());

    // How many so far.
    std::uint64_t turned_away() const { return turned_away_; }

  private:
    AllowList allowed_;
    base::Log& log_;
    ReportLimit limit_;
    std::uint64_t turned_away_ = 0;
};

} // namespace mpbridge::ports
