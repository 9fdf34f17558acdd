#pragma once

namespace mpbridge::app {

enum class LogFormat {
    text, // 2026-01-03 12:00:00,000 - root - INFO - text
    json  // {"time":"2026-01-03T12:00:00.000+01:00","level":"INFO","message":"text"}
};

} // namespace mpbridge::app
