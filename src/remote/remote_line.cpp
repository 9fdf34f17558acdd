#include "remote/remote_line.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mpbridge::remote {

using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

constexpr std::size_t room = 64 * 1024;
constexpr int most_finishing = 256; // connections, one waiting for the other
constexpr std::chrono::milliseconds first_retry_pause = 100ms;
constexpr std::chrono::milliseconds longest_retry_pause = 5s;

} // namespace

RemoteLine::RemoteLine(const boost::asio::any_io_executor& executor, RemoteOptions options,
                       base::Log& log)
    : executor_(executor), options_(std::move(options)), log_(log), changed_(executor),
      retry_pause_(executor) {}

awaitable<base::Result<void>> RemoteLine::run() {
    auto pause = first_retry_pause;
    if (options_.lifetime == Lifetime::once) {
        open();
    }
    while (!stopping_) {
        if (is_over() && client_ == nullptr) {
            if (finishing_) {
                co_await finishing_->wait_until_closed();
            }
            co_return failure_.empty() ? base::Result<void>() : base::Error{failure_};
        }
        if (options_.lifetime == Lifetime::kept && !connection_) {
            if (!failure_.empty()) {
                pause = worked_for_some_time_ ? first_retry_pause : pause;
                co_await retry_pause_.pass(pause);
                pause = std::min(2 * pause, longest_retry_pause);
            }
            if (stopping_) {
                break;
            }
            if (!connection_) {
                open();
            }
        }
        co_await changed_.wait();
    }
    co_return base::Result<void>();
}

void RemoteLine::stop() {
    stopping_ = true;
    if (const auto leaving = std::exchange(connection_, nullptr)) {
        leaving->abandon();
    }
    changed_.notify();
    retry_pause_.wake();
}

void RemoteLine::open() {
    failure_.clear();
    connected_ = false;
    Owner& owner = *this;
    connection_ =
        std::make_shared<Connection>(executor_, options_.target, options_.settings, log_, owner);
    connection_->set_line_state(line_state_);
    if (finishing_ && finishing_->waits_for() >= most_finishing) {
        connection_->give_up();
    } else {
        connection_->start(finishing_);
    }
}

awaitable<void> RemoteLine::attach(board::Client& client, const bool& given_up) {
    if (given_up) {
        co_return;
    }
    client_ = &client;
    if (is_over()) {
        client.dismiss();
    } else if (!connection_) {
        open();
    }
    while (connection_ && !connected_ && !given_up && !stopping_) {
        co_await changed_.wait();
    }
}

void RemoteLine::detach(board::Client& client) {
    // It may have left, and sent something, before it was attached.
    if (client_ != nullptr && client_ != &client) {
        return;
    }
    client_ = nullptr;
    if (options_.lifetime != Lifetime::kept && connection_) {
        finishing_ = connection_;
        std::exchange(connection_, nullptr)->finish();
        log_.info("Left " + options_.target.url());
    }
    resume_output();
    changed_.notify();
}

std::size_t RemoteLine::input_room() const {
    return !connection_ || connection_->has_room() ? room : 0;
}

std::size_t RemoteLine::total_input_room() const { return room; }

awaitable<void> RemoteLine::wait_for_input_room(const bool& given_up) {
    while (input_room() == 0 && !given_up && !stopping_) {
        co_await changed_.wait();
    }
}

void RemoteLine::write(base::ByteView data) {
    log_.trace("to " + options_.target.url(), data);
    if (!connection_ && client_ == nullptr && options_.lifetime == Lifetime::while_used) {
        open();
    }
    if (connection_) {
        connection_->write(data);
    }
}

void RemoteLine::resume_output() {
    if (connection_) {
        connection_->resume();
    }
}

void RemoteLine::set_line_state(posix::LineState state) {
    line_state_ = state;
    if (connection_) {
        connection_->set_line_state(state);
    }
}

void RemoteLine::connected() {
    connected_ = true;
    connected_since_ = std::chrono::steady_clock::now();
    log_.info("Connected to " + options_.target.url());
    changed_.notify();
}

bool RemoteLine::received(base::ByteView data) {
    log_.trace("from " + options_.target.url(), data);
    return client_ == nullptr || client_->output(data);
}

void RemoteLine::lost(const std::string& why) {
    connection_.reset();
    failure_ = why;
    // A server that is busy lets us connect, too.
    worked_for_some_time_ =
        connected_ && std::chrono::steady_clock::now() - connected_since_ > longest_retry_pause;
    if (options_.lifetime != Lifetime::once) {
        log_.warning(why);
    }
    if (client_ != nullptr) {
        client_->output(base::bytes_of("\r\nError: " + why + "\r\n"));
        client_->dismiss();
    }
    changed_.notify();
}

} // namespace mpbridge::remote
