#pragma once

#include "base/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mpbridge::ports {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

// The addresses of a host, each once. A statically linked program knows numeric addresses and
// localhost, and tells so about any other name.
base::Result<Endpoints> look_up(boost::asio::ip::tcp::resolver& resolver, const std::string& host,
                                std::uint16_t port);

// The same without waiting, until the resolver is cancelled.
boost::asio::awaitable<base::Result<Endpoints>>
async_look_up(boost::asio::ip::tcp::resolver& resolver, const std::string& host,
              std::uint16_t port);

// What a statically linked program does.
base::Result<Endpoints> look_up_numeric(const std::string& host, std::uint16_t port);

} // namespace mpbridge::ports
