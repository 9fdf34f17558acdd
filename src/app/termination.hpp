#pragma once

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <functional>

namespace mpbridge::app {

// Has SIGINT, SIGTERM and SIGHUP call `stop`, once, instead of ending the process.
inline void on_termination(boost::asio::signal_set& signals, std::function<void()> stop) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        signals.add(signal);
    }
    signals.async_wait([stop = std::move(stop)](const boost::system::error_code& error, int) {
        if (!error) {
            stop();
        }
    });
}

} // namespace mpbridge::app
