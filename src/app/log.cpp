#include "app/log.hpp"

#include "base/json.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

namespace mpbridge::app {
namespace {

// Level names as Python's logging writes them.
class PythonLevel : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& to) override {
        constexpr std::array<std::string_view, 7> names{"DEBUG", "DEBUG",    "INFO", "WARNING",
                                                        "ERROR", "CRITICAL", "OFF"};
        const auto name = names.at(static_cast<std::size_t>(message.level));
        to.append(name.data(), name.data() + name.size());
    }

    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<PythonLevel>();
    }
};

class JsonMessage : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& to) override {
        const auto text = base::json_string({message.payload.data(), message.payload.size()});
        to.append(text.data(), text.data() + text.size());
    }

    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonMessage>();
    }
};

constexpr const char* pattern(LogFormat format) {
    return format == LogFormat::json
               ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%*","message":%@})"
               : "%Y-%m-%d %H:%M:%S,%e - %n - %* - %v";
}

spdlog::level::level_enum spdlog_level(base::Level level) {
    switch (level) {
    case base::Level::trace:
        return spdlog::level::trace;
    case base::Level::debug:
        return spdlog::level::debug;
    case base::Level::info:
        return spdlog::level::info;
    case base::Level::warning:
        return spdlog::level::warn;
    case base::Level::error:
        break;
    }
    return spdlog::level::err;
}

spdlog::level::level_enum least_level(int verbosity) {
    constexpr std::array levels{spdlog::level::warn, spdlog::level::info, spdlog::level::debug,
                                spdlog::level::trace};
    return levels.at(static_cast<std::size_t>(std::clamp(verbosity, 0, 3)));
}

} // namespace

StderrLog::StderrLog(int verbosity, LogFormat format)
    : format_(format), logger_("root", std::make_shared<spdlog::sinks::stderr_sink_st>()) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<PythonLevel>('*').add_flag<JsonMessage>('@').set_pattern(pattern(format));
    logger_.set_formatter(std::move(formatter));
    logger_.set_level(least_level(verbosity));
}

bool StderrLog::enabled(base::Level level) const { return logger_.should_log(spdlog_level(level)); }

void StderrLog::write(base::Level level, std::string_view text) {
    logger_.log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
}

void StderrLog::failure(std::string_view text) {
    if (format_ == LogFormat::json) {
        error(text);
    } else {
        std::cerr << "Error: " << text << std::endl;
    }
}

} // namespace mpbridge::app
