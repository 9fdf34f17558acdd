#pragma once

#include "base/error.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <string>
#include <vector>

namespace mpbridge::ports {

// The networks whose addresses may connect. IPv6 addresses that stand for IPv4 ones (::ffff:0:0/96)
// count as these, of peers and in the list.
class AllowList {
  public:
    // "ADDRESS" or "ADDRESS/PREFIX"; bits behind the prefix do not matter. An error names the text.
    base::Result<void> add(const std::string& text);

    // Then everybody is admitted.
    bool is_empty() const { return v4_.empty() && v6_.empty(); }

    bool admits(const boost::asio::ip::address& peer) const;

    // The networks as they are understood, for the log: "10.0.0.0/8, ::1/128".
    std::string description() const;

  private:
    std::vector<boost::asio::ip::network_v4> v4_;
    std::vector<boost::asio::ip::network_v6> v6_;
};

} // namespace mpbridge::ports
