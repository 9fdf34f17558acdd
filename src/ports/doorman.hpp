#pragma once

#include "base/log.hpp"
#include "ports/allow_list.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace mpbridge::ports {

// Looks at where connections come from, for all listeners. Says in the log that one may not come
// in, but not every time: whoever is not allowed shall not be able to fill a disk either.
class Doorman {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr auto report_interval = std::chrono::seconds(10);

    Doorman(AllowList allowed, base::Log& log) : allowed_(std::move(allowed)), log_(log) {}

    bool lets_in(const boost::asio::ip::tcp::endpoint& peer, Clock::time_point now = Clock::now());

  private:
    void report(const boost::asio::ip::tcp::endpoint& peer, Clock::time_point now);

    AllowList allowed_;
    base::Log& log_;
    std::optional<Clock::time_point> reported_;
    std::size_t not_reported_ = 0; // since then
};

} // namespace mpbridge::ports
