#pragma once

#include "base/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>

namespace mpbridge::app {

// Runs all that `io` has to do until `main` is over, and then `stop`. An exception that comes out
// of `main` is an error like others.
base::Result<void> run_until_over(boost::asio::io_context& io,
                                  boost::asio::awaitable<base::Result<void>> main,
                                  const std::function<void()>& stop);

} // namespace mpbridge::app
