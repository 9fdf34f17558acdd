#pragma once

#include "app/log_format.hpp"
#include "base/log.hpp"

#include <spdlog/logger.h>

namespace mpbridge::app {

// Log lines on stderr.
class StderrLog : public base::Log {
  public:
    // 0: warnings and errors; 1: what happens; 2: protocol events; 3: all data.
    explicit StderrLog(int verbosity, LogFormat format = LogFormat::text);

    bool enabled(base::Level level) const override;
    void write(base::Level level, std::string_view text) override;

    // Why the program ends: as text "Error: TEXT", which may be more than one line.
    void failure(std::string_view text);

  private:
    LogFormat format_;
    spdlog::logger logger_;
};

} // namespace mpbridge::app
