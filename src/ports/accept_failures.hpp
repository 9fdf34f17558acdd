#pragma once

#include "base/log.hpp"
#include "ports/report_limit.hpp"

#include <string_view>

namespace mpbridge::ports {

// Says in the log that connections cannot be accepted, as when there are too many open files, and
// when that is over.
class AcceptFailures {
  public:
    using Clock = ReportLimit::Clock;

    explicit AcceptFailures(base::Log& log) : log_(log) {}

    void failed(std::string_view reason, Clock::time_point now = Clock::now());
    void accepted();

  private:
    base::Log& log_;
    ReportLimit limit_;
    bool told_ = false; // of failures, and not yet that they are over
};

} // namespace mpbridge::ports
