#pragma once

#include "app/attach_options.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "ports/gate.hpp"
#include "ports/pty_port.hpp"
#include "remote/remote_line.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <memory>

namespace mpbridge::app {

// mpremote-attach: a PTY port whose line is another program's network port.
class Attach {
  public:
    Attach(const AttachOptions& options, base::Log& log);

    // Runs until a signal ends it, or until --once is fulfilled and what was left to be sent is
    // sent. An error: it could not start, or --once failed.
    base::Result<void> run();

  private:
    base::Result<void> open_pty_port();
    void stop();

    AttachOptions options_;
    base::Log& log_;
    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_;
    remote::RemoteLine line_;
    ports::Gate gate_;
    std::unique_ptr<ports::PtyPort> pty_port_;
};

} // namespace mpbridge::app
