#pragma once

#include "app/network_ports.hpp"
#include "app/options.hpp"
#include "app/service_notifier.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "board/board.hpp"
#include "control/operations.hpp"
#include "control/server.hpp"
#include "ports/doorman.hpp"
#include "ports/gate.hpp"
#include "ports/pty_port.hpp"
#include "posix/published_file.hpp"
#include "posix/service_environment.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mpbridge::app {

// The bridge: one board, its ports, and the signals that end it.
class Daemon {
  public:
    Daemon(board::BoardConfig board, const Options& options, posix::ServiceEnvironment service,
           base::Log& log);

    // Runs until a signal ends it, or the first client's leaving where that is asked for. An error:
    // it could not start or go on.
    base::Result<void> run();

  private:
    void log_introduction();
    base::Result<void> open_pty_port();
    base::Result<void> open_control();
    void say_who_may_connect();
    boost::asio::awaitable<void> become_ready();
    void client_changed();
    base::Result<void> remove_former_ready_file() const;
    base::Result<void> write_ready_file();
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
    NetworkPorts network_;
    std::unique_ptr<ports::PtyPort> pty_port_;
    control::Identity identity_;
    std::unique_ptr<control::Server> control_;
    std::optional<control::Operations> operations_;
    std::optional<posix::PublishedFile> ready_file_;
    base::Result<void> readiness_; // an error: it could not be told
    bool stopping_ = false;
};

} // namespace mpbridge::app
