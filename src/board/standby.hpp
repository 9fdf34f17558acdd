#pragma once

#include "base/log.hpp"
#include "board/event.hpp"
#include "board/launch.hpp"
#include "board/restart_policy.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

namespace mpbridge::board {

// Processes that were started in advance and wait at their first prompt, so that a soft reset need
// not wait for a start. When to start one is the owner's to say.
class Standby {
  public:
    // Keeps `count` of them at most.
    Standby(const boost::asio::any_io_executor& executor, posix::Command command, std::size_t count,
            base::Log& log);
    Standby(const Standby&) = delete;
    Standby& operator=(const Standby&) = delete;
    ~Standby();

    // One more may be started. Not at once when they end as soon as they start.
    bool has_vacancy() const { return spares_.size() < count_ && !pauses_; }
    // Notified when there is a vacancy again.
    Event& vacancy() { return vacancy_; }

    void start_one();

    // The oldest one, which may be starting still. Nothing when there is none, or when a new
    // process would not be the same: the executable or the directory is another one by now.
    std::optional<Launched> take();

    // Ends all of them, as soon as the executor runs. None is to be started any more.
    void stop();

  private:
    struct Spare;
    struct Origin;

    Origin origin() const;
    boost::asio::awaitable<void> read_output(std::shared_ptr<Spare> spare);
    boost::asio::awaitable<void> watch_end(std::shared_ptr<Spare> spare);
    void failed(bool useful, const std::string& what);
    void pause(RestartPolicy::Duration time);

    boost::asio::any_io_executor executor_;
    posix::Command command_;
    std::size_t count_;
    base::Log& log_;
    std::deque<std::shared_ptr<Spare>> spares_;
    RestartPolicy policy_;
    bool failure_told_ = false; // since one was of use
    bool pauses_ = false;
    Event vacancy_;
    boost::asio::steady_timer pause_;
};

} // namespace mpbridge::board
