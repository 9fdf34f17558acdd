#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace mpbridge::ports {

// Keeps what others can cause as often as they like from filling the log, and so a disk: one line
// in so much time.
class ReportLimit {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr auto interval = std::chrono::seconds(10);

    // What to add to the line about this one, which counts those that went unreported before.
    // Nothing: this one is to go unreported, too.
    std::optional<std::string> next(Clock::time_point now);

  private:
    std::optional<Clock::time_point> reported_;
    std::size_t not_reported_ = 0; // since then
};

} // namespace mpbridge::ports
