#include "remote/connection.hpp"

#include "ports/host_lookup.hpp"
#include "posix/tcp.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace mpbridge::remote {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::ip::tcp;

namespace {

constexpr auto connect_deadline = 10s;
constexpr auto negotiation_deadline = 5s;
constexpr auto finish_deadline = 5s;      // to send what waits
constexpr auto close_deadline = 1s;       // for the peer to close as well
constexpr auto farewell_patience = 200ms; // the same, while somebody waits
constexpr std::size_t most_unsent = 1024 * 1024;
constexpr std::size_t read_at_once = 64 * 1024;

} // namespace

Connection::Connection(const boost::asio::any_io_executor& executor, Target target,
                       const rfc2217::LineSettings& settings, base::Log& log, Owner& owner)
    : target_(std::move(target)), log_(log), owner_(&owner), resolver_(executor), socket_(executor),
      deadline_(executor), resume_event_(executor), write_event_(executor),
      changed_event_(executor), farewell_(executor) {
    if (target_.protocol == Protocol::rfc2217) {
        protocol_.emplace(rfc2217::ClientOptions{.signature = "mpremote-attach", .line = settings});
    }
}

void Connection::start(std::shared_ptr<Connection> former) {
    former_ = std::move(former);
    boost::asio::co_spawn(socket_.get_executor(), run(), boost::asio::detached);
}

awaitable<void> Connection::run() {
    const auto self = shared_from_this();
    co_await let_former_go();
    if (closed_) {
        co_return;
    }
    cut_in(connect_deadline, cannot_connect("no answer"));
    const auto connected = co_await connect();
    if (!connected) {
        cut(cannot_connect(connected.error().message));
    }
    if (!closed_) {
        begin();
        co_await read_until_closed();
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
}

awaitable<void> Connection::let_former_go() {
    while (former_ && !closed_) {
        const auto former = former_;
        if (former->closed_) {
            former_ = former->former_; // which it was waiting for
        } else if (former->sent_all_) {
            co_await former->farewell_.pass(farewell_patience);
            former_.reset();
        } else {
            co_await former->changed_event_.wait();
        }
    }
}

awaitable<void> Connection::wait_until_closed() {
    while (!closed_) {
        co_await changed_event_.wait();
    }
}

std::string Connection::cannot_connect(const std::string& why) const {
    return "Cannot connect to " + target_.url() + ": " + why;
}

std::string Connection::does_not_take() const {
    return target_.url() + " does not take what was written";
}

awaitable<base::Result<void>> Connection::connect() {
    const auto found = co_await ports::async_look_up(resolver_, target_.host, target_.port);
    if (!found) {
        co_return found.error();
    }
    if (closed_) {
        co_return base::Result<void>{};
    }
    const auto [failed, endpoint] =
        co_await boost::asio::async_connect(socket_, found.value(), board::as_result);
    if (failed) {
        co_return base::Error{failed.message()};
    }
    co_return base::Result<void>{};
}

void Connection::begin() {
    deadline_.cancel();
    read_buffer_.resize(read_at_once);
    const int fd = socket_.native_handle();
    boost::system::error_code ignored;
    socket_.native_non_blocking(true, ignored);
    posix::close_on_exec(fd);
    posix::set_client_options(fd);
    delivery_watch_.emplace(socket_.get_executor(), fd,
                            [this] { cut(target_.url() + " does not answer any more"); });
    ports::Writer::Encoder encode;
    if (protocol_) {
        encode = [this](base::ByteView data, base::Bytes& wire) { protocol_->encode(data, wire); };
    }
    const auto send = [this, fd](base::ByteView bytes) {
        delivery_watch_->sending();
        return posix::send_some(fd, bytes);
    };
    writer_.emplace(send, std::move(encode));
    boost::asio::co_spawn(socket_.get_executor(), write_when_possible(), boost::asio::detached);
    if (protocol_) {
        writer_->suspend(true);
        writer_->data(std::exchange(early_, {}));
        protocol_->start(replies_);
        send_replies();
        cut_in(negotiation_deadline, target_.url() + " does not answer as RFC 2217 asks for");
    } else {
        writer_->data(std::exchange(early_, {}));
        become_ready();
    }
}

void Connection::become_ready() {
    ready_ = true;
    if (owner_ != nullptr) {
        owner_->connected();
    } else {
        cut_in(finish_deadline, does_not_take());
    }
    written();
}

awaitable<void> Connection::read_until_closed() {
    while (!closed_) {
        if (!owner_has_room_ || writer_->overdue()) {
            co_await resume_event_.wait();
            continue;
        }
        co_await socket_.async_wait(tcp::socket::wait_read, board::as_result);
        if (closed_) {
            break;
        }
        const auto got = posix::receive_some(socket_.native_handle(), read_buffer_);
        take(base::ByteView(read_buffer_).first(got.count));
        if (got.ended) {
            cut(got.error == 0 ? target_.url() + " closed the connection"
                               : base::system_error("Lost " + target_.url(), got.error).message);
        }
    }
}

void Connection::take(base::ByteView wire) {
    if (!protocol_) {
        deliver(wire);
        return;
    }
    while (const auto event = protocol_->next(wire, replies_)) {
        std::visit([this](const auto& what) { act(what); }, *event);
    }
    send_replies();
}

void Connection::deliver(base::ByteView data) {
    if (owner_ != nullptr && !data.empty()) {
        owner_has_room_ = owner_->received(data);
    }
}

void Connection::act(const rfc2217::Ready&) {
    deadline_.cancel();
    if (!protocol_->has_com_port()) {
        log_.warning(target_.url() + " does not let the serial port be set");
    }
    writer_->suspend(false);
    become_ready();
}

void Connection::act(const rfc2217::Suspended& suspended) {
    writer_->suspend(suspended.on);
    written();
}

void Connection::act(const rfc2217::ModemState&) {}

void Connection::act(const rfc2217::Note& note) { log_.debug(target_.url() + ": " + note.text); }

void Connection::send_replies() {
    if (!replies_.empty() && writer_) {
        writer_->reply(replies_);
        replies_.clear();
        written();
    }
}

void Connection::write(base::ByteView data) {
    if (closed_) {
        return;
    }
    const auto room = most_unsent - std::min(most_unsent, unsent());
    if (data.size() > room) {
        log_.warning(does_not_take() + ": " + std::to_string(data.size() - room) +
                     " bytes are dropped");
        data = data.first(room);
    }
    if (!writer_) {
        base::append(early_, data);
        return;
    }
    writer_->data(data);
    written();
}

void Connection::written() {
    if (writer_->failed()) {
        return; // reading tells why
    }
    if (writer_->blocked()) {
        write_event_.notify();
    } else if (writer_->idle()) {
        if (owner_ != nullptr) {
            owner_->has_room();
        }
        shut_down_when_sent();
    }
}

awaitable<void> Connection::write_when_possible() {
    const auto self = shared_from_this();
    while (!closed_ && !writer_->failed()) {
        if (!writer_->blocked()) {
            co_await write_event_.wait();
            continue;
        }
        co_await socket_.async_wait(tcp::socket::wait_write, board::as_result);
        if (!closed_) {
            writer_->flush();
            resume_event_.notify();
            written();
        }
    }
}

void Connection::resume() {
    owner_has_room_ = true;
    resume_event_.notify();
}

void Connection::set_line_state(posix::LineState state) {
    if (!protocol_ || closed_) {
        return;
    }
    if (state.baud_rate != 0) {
        protocol_->set_baud_rate(state.baud_rate, replies_);
    }
    protocol_->set_stop_size(state.two_stop_bits ? rfc2217::StopSize::two : rfc2217::StopSize::one,
                             replies_);
    send_replies();
}

void Connection::finish() {
    owner_ = nullptr;
    finishing_ = true;
    resume();
    const bool nothing_to_send = writer_ ? writer_->empty() && !ready_ : early_.empty();
    if (nothing_to_send) {
        cut("");
    } else if (writer_) {
        cut_in(finish_deadline, does_not_take());
        shut_down_when_sent();
    }
}

void Connection::abandon() {
    owner_ = nullptr;
    cut("");
}

void Connection::shut_down_when_sent() {
    if (finishing_ && writer_->idle() && !closed_) {
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        sent_all_ = true;
        changed_event_.notify();
        cut_in(close_deadline, "");
    }
}

void Connection::cut_in(std::chrono::milliseconds time, std::string why) {
    deadline_.expires_after(time);
    deadline_.async_wait(
        [weak = weak_from_this(), reason = std::move(why)](const boost::system::error_code& error) {
            const auto self = weak.lock();
            if (!error && self) {
                self->cut(reason);
            }
        });
}

void Connection::cut(std::string why) {
    if (closed_) {
        return;
    }
    closed_ = true;
    warn_of_unsent(why);
    // Not from here, where the owner may be calling; and not when the look-up of a name has ended,
    // which takes its time.
    boost::asio::post(socket_.get_executor(), [self = shared_from_this(), reason = std::move(why)] {
        if (self->owner_ != nullptr) {
            std::exchange(self->owner_, nullptr)->lost(reason);
        }
    });
    deadline_.cancel();
    resolver_.cancel();
    if (delivery_watch_) {
        delivery_watch_->cancel();
    }
    boost::system::error_code ignored;
    if (writer_) {
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.cancel(ignored);
    } else {
        socket_.close(ignored); // or the next address would be tried
    }
    write_event_.notify();
    resume_event_.notify();
    changed_event_.notify();
    farewell_.wake();
    if (former_) {
        former_->changed_event_.notify();
        former_->farewell_.wake();
    }
}

std::size_t Connection::unsent() const { return writer_ ? writer_->waiting() : early_.size(); }

// The owner is told why; without one nobody would know.
void Connection::warn_of_unsent(const std::string& why) {
    if (finishing_ && unsent() > 0) {
        log_.warning(why + " (" + std::to_string(unsent()) + " bytes not sent)");
    }
}

} // namespace mpbridge::remote
