#include "app/service_notifier.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace mpbridge::app {

using boost::asio::awaitable;
using namespace std::chrono_literals;

ServiceNotifier::ServiceNotifier(const boost::asio::any_io_executor& executor,
                                 const std::string& address, std::chrono::microseconds watchdog,
                                 base::Log& log)
    : watchdog_(watchdog), log_(log), room_(executor), pulse_(executor) {
    if (address.empty()) {
        return;
    }
    auto opened = posix::NotifySocket::open(address);
    if (opened) {
        socket_ = std::move(opened.value());
    } else {
        log_.debug("The service manager is not told anything: " + opened.error().message);
    }
}

// The manager waits for this one message, so it must not get lost.
awaitable<void> ServiceNotifier::ready() {
    while (tell("READY=1\nSTATUS=" + status_) == EAGAIN) {
        co_await room_.pass(100ms);
    }
    ready_ = true;
}

void ServiceNotifier::set_status(std::string status) {
    status_ = std::move(status);
    if (ready_) {
        tell("STATUS=" + status_);
    }
}

awaitable<void> ServiceNotifier::keep_alive() {
    while (socket_ && watchdog_ > 0us) {
        tell("WATCHDOG=1");
        co_await pulse_.pass(std::max<std::chrono::microseconds>(watchdog_ / 2, 1ms));
    }
}

void ServiceNotifier::stopping() {
    tell("STOPPING=1\nSTATUS=Ending MicroPython");
    socket_.reset();
}

int ServiceNotifier::tell(const std::string& lines) {
    const int failure = socket_ ? socket_->send(lines) : 0;
    if (failure != 0) {
        log_.debug("Cannot tell the service manager " + lines.substr(0, lines.find('\n')) + ": " +
                   std::generic_category().message(failure));
    }
    return failure;
}

} // namespace mpbridge::app
