#pragma once

#include "base/log.hpp"

#include <spdlog/logger.h>

namespace mpbridge::app {

// Log lines on stderr: "2026-01-03 12:00:00,000 - root - INFO - text".
class StderrLog : public base::Log {
  public:
    // 0: warnings and errors; 1: what happens; 2: protocol events; 3: all data.
    explicit StderrLog(int verbosity);

    bool enabled(base::Level level) const override;
    void write(base::Level level, std::string_view text) override;

  private:
    spdlog::logger logger_;
};

} // namespace mpbridge::app
