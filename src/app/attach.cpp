#include "app/attach.hpp"

#include "app/run.hpp"
#include "app/termination.hpp"

#include <iostream>

namespace mpbridge::app {

Attach::Attach(const AttachOptions& options, base::Log& log)
    : options_(options), log_(log), signals_(io_), line_(io_.get_executor(), options.remote, log) {}

base::Result<void> Attach::run() {
    on_termination(signals_, [this] {
        stop();
        io_.stop();
    });
    if (auto opened = open_pty_port(); !opened) {
        return opened;
    }
    pty_port_->start();
    return run_until_over(io_, line_.run(), [this] { stop(); });
}

base::Result<void> Attach::open_pty_port() {
    auto device = device_options(options_.pty);
    if (!device) {
        return device.error();
    }
    if (options_.pty.link.empty()) {
        device.value().announce = [this](const std::string& path) {
            if (!line_.is_over() || !pty_port_) {
                std::cout << path << std::endl;
            }
        };
    }
    auto opened = ports::DevicePort::open(io_.get_executor(), device.value());
    if (!opened) {
        return opened.error();
    }
    pty_port_ = std::make_unique<ports::PtyPort>(io_.get_executor(), std::move(opened.value()),
                                                 ports::Surroundings{line_, gate_, log_});
    log_.info("PTY port at " + pty_port_->description() + " for " + options_.remote.target.url());
    return {};
}

void Attach::stop() {
    signals_.cancel();
    pty_port_->close();
    line_.stop();
    gate_.close();
}

} // namespace mpbridge::app
