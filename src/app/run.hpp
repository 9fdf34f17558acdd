#pragma once

#include "base/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>

namespace mpbridge::app {

// Runs all that `io` has to do until `main` is over, and then `stop`. An exception that comes out
// of `main` is an error like others. After an event it looks for the next one for the time of
// `busy_poll` before it sleeps.
base::Result<void> run_until_over(boost::asio::io_context& io,
                                  boost::asio::awaitable<base::Result<void>> main,
                                  const std::function<void()>& stop,
                                  std::chrono::microseconds busy_poll = {});

} // namespace mpbridge::app
