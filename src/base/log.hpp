#pragma once

#include "base/bytes.hpp"

#include <string_view>

namespace mpbridge::base {

enum class Level { trace, debug, info, warning, error };

// Where the rooms with I/O say what happens. Not thread-safe; outlives whoever holds it.
class Log {
  public:
    Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    virtual ~Log() = default;

    // Ask before building a costly text.
    virtual bool enabled(Level level) const = 0;
    virtual void write(Level level, std::string_view text) = 0;

    // Data as it passes, control characters made visible: "WHAT: hello\r\n".
    void trace(std::string_view what, ByteView bytes);
    void debug(std::string_view text) { write(Level::debug, text); }
    void info(std::string_view text) { write(Level::info, text); }
    void warning(std::string_view text) { write(Level::warning, text); }
    void error(std::string_view text) { write(Level::error, text); }
};

} // namespace mpbridge::base
