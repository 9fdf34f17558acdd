#include "ports/pty_port.hpp"

#include "ports/refusal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <array>

namespace mpbridge::ports {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using Kind = posix::SerialDevice::Input::Kind;

namespace {

// The answer whether anybody has the device open may be wrong for a moment. A no misses one that
// opens it just then: ask once more. A yes may come from one whose close the kernel has told of but
// not yet counted: ask again after the first time, and then after twice the time.
constexpr std::chrono::milliseconds second_look_after_no = 50ms;
constexpr std::chrono::milliseconds first_look_after_yes = 1ms;
constexpr std::chrono::milliseconds last_look_after_yes = 1s;
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
    if (state_ == State::closed) {
        return;
    }
    state_ = State::closed;
    look_again_.cancel();
    free_event_.notify();
    if (client_) {
        client_->close();
    }
    port_->close();
}

// ---- what programs do

awaitable<void> PtyPort::watch_news() {
    while (state_ != State::closed) {
        co_await port_->news().readable();
        look();
    }
}

// While there is a client, its connection reads.
awaitable<void> PtyPort::watch_input() {
    while (state_ != State::closed) {
        if (state_ == State::used || !device().is_usable()) {
            co_await free_event_.wait();
            continue;
        }
        co_await port_->master().readable();
        look();
        take_input();
    }
}

void PtyPort::look() {
    for (int looks = 0; state_ != State::closed; ++looks) {
        if (looks == at_once) {
            look_later();
            return;
        }
        const auto news = device().take_news();
        if (!news.opened && !news.closed) {
            break;
        }
        act(news);
    }
    if (state_ == State::used && doubtful_ && !device().is_open()) {
        vacate();
    }
}

void PtyPort::act(posix::SerialDevice::News news) {
    if (state_ == State::shut) {
        if (news.opened) {
            say_busy();
        } else {
            device().drop_unread_output();
        }
    } else if (state_ == State::used) {
        if (news.closed) {
            look_who_left();
        }
    } else if (news.opened) {
        welcome(news.closed);
    } else if (!device().is_open()) {
        clean();
    } else {
        look_again_in(first_look_after_yes);
    }
}

void PtyPort::take_input() {
    if (state_ == State::shut || state_ == State::intruded) {
        drop_input();
    } else if (state_ == State::free) {
        bool noticed = false;
        const auto input = skip_notices(noticed);
        // Own doings cause notices as well.
        if (input.kind == Kind::data || (noticed && device().is_open())) {
            welcome(true);
        }
        look();
    }
}

void PtyPort::drop_input() {
    std::array<std::uint8_t, 4096> dropped;
    for (int reads = 0; reads < at_once; ++reads) {
        const auto kind = device().read(dropped).kind;
        if (kind != Kind::notice && kind != Kind::data) {
            break;
        }
    }
}

posix::SerialDevice::Input PtyPort::skip_notices(bool& noticed) {
    auto input = device().read({});
    for (int reads = 1; reads < at_once && input.kind == Kind::notice; ++reads) {
        noticed = true;
        input = device().read({});
    }
    return input;
}

void PtyPort::look_later() {
    if (!std::exchange(looks_later_, true)) {
        boost::asio::post(executor_, [this] {
            looks_later_ = false;
            look();
        });
    }
}

void PtyPort::look_again_in(std::chrono::milliseconds time) {
    look_again_.expires_after(time);
    look_again_.async_wait([this, time](const boost::system::error_code& error) {
        if (!error) {
            look_again(time);
        }
    });
}

void PtyPort::look_again(std::chrono::milliseconds waited) {
    look();
    in_between_ = false;
    const bool settled = state_ == State::used && !doubtful_;
    if (settled || state_ == State::shut || state_ == State::closed) {
        return;
    }
    if (remake_failed_) {
        remake(base::Level::warning);
        return;
    }
    const bool open = device().is_open();
    if (open && state_ == State::free) {
        welcome(true);
    } else if (!open && state_ == State::used) {
        vacate();
    } else if (!open && state_ == State::intruded) {
        clean();
    } else if (open && waited < last_look_after_yes) {
        look_again_in(2 * waited);
    } else {
        doubtful_ = false;
    }
    look();
}

// ---- the client

// Somebody has opened it, and perhaps closed it already.
void PtyPort::welcome(bool perhaps_closed) {
    const auto client = std::make_shared<PtyConnection>(*this, surroundings_);
    if (!surroundings_.gate.enter(client)) {
        return;
    }
    client_ = client;
    state_ = State::used;
    told_ = false;
    client->start();
    if (perhaps_closed && state_ == State::used) {
        look_who_left();
    }
}

void PtyPort::look_who_left() {
    doubtful_ = device().is_open();
    if (doubtful_) {
        look_again_in(first_look_after_yes);
    } else {
        vacate();
    }
}

// Nobody has it open. What the client wrote before is there still; but if somebody has come in
// between, and may have written some of it, the answer must not get lost, so that is the client
// now.
void PtyPort::vacate() {
    const auto leaving = client_;
    leaving->take_rest();
    doubtful_ = device().is_open() || device().read({}).kind != Kind::none;
    if (doubtful_) {
        look_again_in(first_look_after_yes);
        return;
    }
    device().restore();
    vacant_ = true;
    leaving->leave();
    vacant_ = false;
}

void PtyPort::client_left() {
    client_.reset();
    doubtful_ = false;
    if (state_ == State::closed) {
        return;
    }
    state_ = State::free;
    if (vacant_ && device().is_usable()) {
        skip_own_notices();
    } else {
        remake(device().is_usable() ? base::Level::info : base::Level::warning);
    }
    free_event_.notify();
}

// Nobody has it open.
void PtyPort::clean() {
    state_ = State::free;
    told_ = false;
    device().restore();
    skip_own_notices();
}

// What restore() did. Somebody may have come just then.
void PtyPort::skip_own_notices() {
    bool noticed = false;
    skip_notices(noticed);
    in_between_ = true;
    look_again_in(second_look_after_no);
}

// Whoever has it open sees the end of file.
void PtyPort::remake(base::Level level) {
    const auto made = port_->remake();
    remake_failed_ = !made;
    if (remake_failed_) {
        if (const auto count = remake_failures_.next(ReportLimit::Clock::now())) {
            surroundings_.log.error(made.error().message + *count);
        }
        state_ = State::intruded;
        look_again_in(remake_pause);
        return;
    }
    state_ = State::free;
    if (const auto published = port_->publish(); !published) {
        surroundings_.log.warning(published.error().message);
    }
    surroundings_.log.write(level, "PTY port made anew, now at " + port_->description());
    free_event_.notify();
}

// ---- the gate

bool PtyPort::shut() {
    const bool in_between = in_between_ && device().is_usable() && device().is_open();
    const bool locked = device().is_usable() && device().lock();
    const auto news = device().take_news();
    const bool entered = in_between || news.opened || (device().is_usable() && !locked);
    if (!entered) {
        state_ = State::shut;
        return true;
    }
    if (locked) {
        device().unlock();
    }
    welcome(true);
    return false;
}

void PtyPort::reopen() {
    if (state_ == State::closed) {
        return;
    }
    if (remake_failed_) {
        state_ = State::intruded;
        look_again_in(remake_pause);
        return;
    }
    device().unlock();
    if (told_ && !device().is_open()) {
        clean();
    } else {
        // Who is there and has not been told had come, unnoticed, before it was shut.
        state_ = told_ ? State::intruded : State::free;
        in_between_ = !told_;
        look_again_in(first_look_after_yes);
    }
    // Not before the one who leaves is done.
    look_later();
}

void PtyPort::say_busy() {
    told_ = true;
    surroundings_.gate.count_refusal();
    surroundings_.log.info("Rejected pty connection from " + device().path() + " - " +
                           surroundings_.gate.refusal_reason());
    device().write(base::bytes_of(busy_text));
}

} // namespace mpbridge::ports
