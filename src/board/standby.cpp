#include "board/standby.hpp"

#include "board/watch.hpp"
#include "posix/file_identity.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace mpbridge::board {

using boost::asio::awaitable;

namespace {

// What is printed before the first prompt; more than that waits until the process is needed.
constexpr std::size_t most_printed = 64 * 1024;

} // namespace

// What a process that starts now would be made of.
struct Standby::Origin {
    std::optional<posix::FileIdentity> executable;
    std::optional<posix::FileIdentity> directory;

    bool operator==(const Origin&) const = default;
};

struct Standby::Spare {
    struct Watches {
        Watches(const boost::asio::any_io_executor& executor, const Launched& launched)
            : output(executor, launched.pty.master()),
              end(executor, launched.process.end_descriptor()) {}

        Watch output;
        Watch end;
    };

    Spare(const boost::asio::any_io_executor& executor, Launched its_process, const Origin& made_of)
        : launched(std::move(its_process)), origin(made_of) {
        watches.emplace(executor, launched);
    }

    // False: no more of it is to be read in advance.
    bool read_output() {
        std::array<std::uint8_t, 4096> buffer;
        const auto got = posix::read_some(launched.pty.master(), buffer);
        base::append(launched.printed, base::ByteView(buffer).first(got.count));
        return !got.ended && launched.printed.size() < most_printed;
    }

    Launched launched;
    Origin origin;
    std::optional<Watches> watches; // until it is taken or ended
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

Standby::Standby(const boost::asio::any_io_executor& executor, posix::Command command,
                 std::size_t count, base::Log& log)
    : executor_(executor), command_(std::move(command)), count_(count), log_(log),
      vacancy_(executor), pause_(executor) {}

Standby::~Standby() { stop(); }

void Standby::start_one() {
    const auto made_of = origin();
    auto launched = launch(command_);
    if (!launched) {
        failed(false, launched.error().message);
        return;
    }
    std::shared_ptr<Spare> spare;
    try {
        spare = std::make_shared<Spare>(executor_, std::move(launched.value()), made_of);
    } catch (const std::exception& error) {
        // The kernel watches only so many descriptors.
        failed(false, error.what());
        return;
    }
    log_.debug("Standby: MicroPython started");
    spares_.push_back(spare);
    boost::asio::co_spawn(executor_, read_output(spare), boost::asio::detached);
    boost::asio::co_spawn(executor_, watch_end(spare), boost::asio::detached);
}

Standby::Origin Standby::origin() const {
    return {.executable = posix::FileIdentity::of(command_.executable),
            .directory = posix::FileIdentity::of(command_.directory)};
}

std::optional<Launched> Standby::take() {
    const auto made_of = origin();
    while (!spares_.empty()) {
        const auto spare = std::move(spares_.front());
        spares_.pop_front();
        spare->watches.reset();
        if (spare->origin == made_of && !spare->launched.process.has_ended()) {
            policy_.succeeded();
            failure_told_ = false;
            return std::move(spare->launched);
        }
    }
    return std::nullopt;
}

void Standby::stop() {
    count_ = 0;
    pause_.cancel();
    for (const auto& spare : std::exchange(spares_, {})) {
        spare->watches.reset();
    }
}

awaitable<void> Standby::read_output(std::shared_ptr<Spare> spare) {
    bool more = true;
    while (spare->watches && more) {
        co_await spare->watches->output.readable();
        more = spare->watches && spare->read_output();
    }
}

awaitable<void> Standby::watch_end(std::shared_ptr<Spare> spare) {
    while (spare->watches && !spare->launched.process.has_ended()) {
        co_await spare->watches->end.readable();
    }
    if (!spare->watches) {
        co_return;
    }
    spare->watches.reset();
    std::erase(spares_, spare);
    const auto status = spare->launched.process.reap();
    failed(RestartPolicy::ran_for_some_time(std::chrono::steady_clock::now() - spare->started),
           "MicroPython ended (" + status.describe() + ")");
}

void Standby::failed(bool useful, const std::string& what) {
    log_.write(std::exchange(failure_told_, true) ? base::Level::debug : base::Level::warning,
               "Standby: " + what);
    const auto delay = policy_.ended(useful);
    if (delay > RestartPolicy::Duration::zero()) {
        pause(delay);
    } else if (!pauses_) {
        vacancy_.notify();
    }
}

// One that begins during another replaces it.
void Standby::pause(RestartPolicy::Duration time) {
    pauses_ = true;
    pause_.expires_after(time);
    pause_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
            pauses_ = false;
            vacancy_.notify();
        }
    });
}

} // namespace mpbridge::board
