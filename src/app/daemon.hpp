#pragma once

#include "app/options.hpp"
#include "app/passed_sockets.hpp"
#include "app/service_notifier.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "board/board.hpp"
#include "ports/doorman.hpp"
#include "ports/gate.hpp"
#include "ports/listener.hpp"
#include "ports/pty_port.hpp"
#include "posix/service_environment.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mpbridge::app {

// The bridge: one board, its ports, and the signals that end it.
class Daemon {
  public:
    Daemon(board::BoardConfig board, const Options& options, posix::ServiceEnvironment service,
           base::Log& log);

    // Runs until a signal ends it. An error: it could not start.
    base::Result<void> run();

  private:
    void log_introduction();
    base::Result<void> open_listeners();
    base::Result<void> open_or_adopt(std::string_view title, std::string_view scheme,
                                     std::vector<posix::Descriptor> passed, std::uint16_t port,
                                     ports::Listener::Factory make);
    base::Result<void> open_listener(std::string_view title, std::string_view scheme,
                                     std::uint16_t port, ports::Listener::Factory make);
    base::Result<void> adopt_listener(std::string_view title, std::string_view scheme,
                                      std::vector<posix::Descriptor> passed,
                                      ports::Listener::Factory make);
    base::Result<void> open_pty_port();
    void say_who_may_connect();
    boost::asio::awaitable<void> become_ready();
    void client_changed();
    void stop();

    std::string executable_;
    Options options_;
    base::Log& log_;
    std::vector<posix::PassedDescriptor> passed_;
    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_;
    ServiceNotifier notifier_;
    board::Board board_;
    ports::Gate gate_;
    ports::Doorman doorman_;
    std::vector<std::unique_ptr<ports::Listener>> listeners_;
    std::unique_ptr<ports::PtyPort> pty_port_;
};

} // namespace mpbridge::app
