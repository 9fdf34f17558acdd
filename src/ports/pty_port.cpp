#include "ports/pty_port.hpp"

#include "ports/refusal.hpp"
#include "posix/descriptor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <array>

namespace mpbridge::ports {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using Kind = posix::SerialDevice::Input::Kind;

namespace {

// The answer whether anybody has the device open may be wrong for a moment: one that opens it just
// then is missed, and the kernel tells of a close before it counts it.
constexpr std::chrono::milliseconds first_look = 1ms; // then after twice the time, until
constexpr std::chrono::milliseconds second_look = 50ms;
constexpr auto remake_pause = 1s;

} // namespace

PtyPort::PtyPort(const boost::asio::any_io_executor& executor, std::unique_ptr<DevicePort> port,
                 const Surroundings& surroundings)
    : executor_(executor), port_(std::move(port)), surroundings_(surroundings),
      free_event_(executor), look_again_(executor) {
    surroundings.gate.guard(*this);
}

void PtyPort::start() {
    boost::asio::co_spawn(executor_, watch_news(), boost::asio::detached);
    boost::asio::co_spawn(executor_, watch_input(), boost::asio::detached);
}

void PtyPort::close() {
    if (closed_) {
        return;
    }
    closed_ = true;
    look_again_.cancel();
    free_event_.notify();
    if (client_) {
        client_->close();
    }
    port_->close();
}

awaitable<void> PtyPort::watch_news() {
    while (!closed_) {
        co_await port_->news().readable();
        look();
    }
}

// While there is a client, its connection reads.
awaitable<void> PtyPort::watch_input() {
    while (!closed_) {
        if (client_ || !device().is_usable()) {
            co_await free_event_.wait();
            continue;
        }
        co_await port_->master().readable();
        look();
        if (!client_ && !closed_) {
            take_input();
        }
    }
}

void PtyPort::look() {
    while (!closed_) {
        const auto news = device().take_news();
        if (!news.opened && !news.closed) {
            break;
        }
        act(news);
    }
    if (doubtful_ && client_ && !device().is_open()) {
        client_->hang_up();
    }
}

void PtyPort::act(posix::SerialDevice::News news) {
    if (shut_) {
        if (news.opened) {
            tell_busy();
        } else {
            device().drop_unread_output();
        }
    } else if (client_ && client_->has_hung_up() && news.opened) {
        client_->depart();
        welcome(news);
    } else if (client_) {
        if (news.closed) {
            look_who_left();
        }
    } else if (news.opened) {
        welcome(news);
    } else if (!device().is_open()) {
        clean();
    } else {
        look_again_in(first_look);
    }
}

void PtyPort::look_who_left() {
    doubtful_ = device().is_open();
    if (doubtful_) {
        look_again_in(first_look);
    } else {
        client_->hang_up();
    }
}

void PtyPort::welcome(posix::SerialDevice::News news) {
    intruded_ = false;
    client_ = std::make_shared<PtyConnection>(*this, surroundings_);
    if (!surroundings_.gate.enter(client_)) {
        client_.reset();
        return;
    }
    if (news.closed) {
        look_who_left();
    }
    client_->start();
}

void PtyPort::take_input() {
    if (shut_ || intruded_) {
        drop_input();
        return;
    }
    auto input = device().read({});
    bool noticed = false;
    while (input.kind == Kind::notice) {
        noticed = true;
        input = device().read({});
    }
    // Own doings cause notices as well.
    if (input.kind == Kind::data || (noticed && device().is_open())) {
        welcome({.opened = true, .closed = input.kind == Kind::data});
    }
    look();
}

void PtyPort::drop_input() {
    std::array<std::uint8_t, 4096> dropped;
    auto kind = Kind::notice;
    while (kind == Kind::notice || kind == Kind::data) {
        kind = device().read(dropped).kind;
    }
}

void PtyPort::client_left() {
    const bool gone = client_->has_hung_up();
    doubtful_ = false;
    client_.reset();
    if (closed_) {
        return;
    }
    if (gone && device().is_usable()) {
        clean();
        free_event_.notify();
    } else {
        remake(device().is_usable() ? base::Level::info : base::Level::warning);
    }
}

// Nobody has it open.
void PtyPort::clean() {
    intruded_ = false;
    device().restore();
    while (device().read({}).kind == Kind::notice) { // of what restore() did
    }
    look_again_in(second_look);
}

void PtyPort::remake(base::Level level) {
    if (const auto made = port_->remake(); !made) {
        surroundings_.log.error(made.error().message);
        look_again_in(remake_pause);
        return;
    }
    surroundings_.log.write(level, "PTY port made anew, now at " + port_->description());
    if (shut_) {
        device().lock();
    }
    free_event_.notify();
}

void PtyPort::look_again_in(std::chrono::milliseconds time) {
    look_again_.expires_after(time);
    look_again_.async_wait([this, time](const boost::system::error_code& error) {
        if (!error && !closed_) {
            look_again(time);
        }
    });
}

void PtyPort::look_again(std::chrono::milliseconds waited) {
    if (!device().is_usable()) {
        remake(base::Level::warning);
        return;
    }
    look();
    if (shut_) {
        return;
    }
    const bool open = device().is_open();
    if (open && !client_ && !intruded_) {
        welcome({.opened = true});
    } else if (!open && client_) {
        client_->hang_up();
    } else if (!open && intruded_) {
        clean();
    } else if (open && waited < second_look) {
        look_again_in(2 * waited);
    } else {
        doubtful_ = false;
    }
    look();
}

bool PtyPort::shut() {
    const bool locked = device().is_usable() && device().lock();
    const auto news = device().take_news();
    const bool entered = news.opened || (device().is_usable() && !locked);
    if (!entered) {
        shut_ = true;
        return true;
    }
    if (locked) {
        device().unlock();
    }
    welcome(news);
    return false;
}

void PtyPort::reopen() {
    shut_ = false;
    if (!device().is_usable()) {
        return;
    }
    device().unlock();
    intruded_ = device().is_open();
    if (intruded_) {
        look_again_in(first_look);
    } else {
        clean();
    }
    // Not before the one who leaves is done.
    boost::asio::post(executor_, [this] { look(); });
}

void PtyPort::tell_busy() {
    surroundings_.log.info("Rejected pty connection from " + device().path() + " - " +
                           surroundings_.gate.refusal_reason());
    posix::write_some(device().master(), base::bytes_of(busy_text));
}

} // namespace mpbridge::ports
