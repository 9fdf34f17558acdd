#include "posix/service_environment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

namespace mpbridge::posix {
namespace {

using Value = std::optional<std::string>;

// A manager that waits longer loses nothing if it hears from us more often.
constexpr std::uint64_t longest_watchdog_us = 86'400'000'000;

Value take(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
    Value taken = value != nullptr ? Value(value) : std::nullopt;
    ::unsetenv(name); // NOLINT(concurrency-mt-unsafe)
    return taken;
}

template <class Number>
std::optional<Number> number(const std::string& digits) {
    Number value = 0;
    const char* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

bool is_this_process(const std::string& pid) { return pid == std::to_string(::getpid()); }

std::chrono::microseconds watchdog(const Value& pid, const Value& microseconds) {
    if (!microseconds || (pid && !is_this_process(*pid))) {
        return {};
    }
    const auto wanted = number<std::uint64_t>(*microseconds).value_or(0);
    return std::chrono::microseconds(std::min(wanted, longest_watchdog_us));
}

// Empty names count, too.
std::vector<std::string> split(const std::string& names) {
    std::vector<std::string> all(1);
    for (const char c : names) {
        if (c == ':') {
            all.emplace_back();
        } else {
            all.back().push_back(c);
        }
    }
    return all;
}

base::Error wrong_count(const std::string& count) {
    return {"LISTEN_FDS is not a number of descriptors: " + count};
}

base::Result<std::vector<PassedDescriptor>> descriptors(int first, const std::string& count_word,
                                                        const Value& names_word) {
    const auto count = number<int>(count_word);
    if (!count || *count < 1 || *count > std::numeric_limits<int>::max() - first) {
        return wrong_count(count_word);
    }
    const auto names = names_word ? split(*names_word) : std::vector<std::string>();
    if (names_word && std::cmp_not_equal(names.size(), *count)) {
        return base::Error{"LISTEN_FDNAMES has " + std::to_string(names.size()) +
                           " names, but LISTEN_FDS is " + count_word};
    }
    std::vector<PassedDescriptor> passed;
    for (int fd = first; fd < first + *count; ++fd) {
        if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
            return base::system_error("LISTEN_FDS is " + count_word + ", but descriptor " +
                                          std::to_string(fd) + " was not passed",
                                      errno);
        }
        const auto name = names_word ? names[passed.size()] : std::string();
        passed.push_back({.name = name, .descriptor = Descriptor(fd)});
    }
    return passed;
}

} // namespace

base::Result<ServiceEnvironment> take_service_environment(int first) {
    ServiceEnvironment service;
    service.notify_socket = take("NOTIFY_SOCKET").value_or("");
    const auto watchdog_pid = take("WATCHDOG_PID");
    service.watchdog = watchdog(watchdog_pid, take("WATCHDOG_USEC"));
    const auto pid = take("LISTEN_PID");
    const auto count = take("LISTEN_FDS");
    const auto names = take("LISTEN_FDNAMES");
    take("LISTEN_PIDFDID");
    if (pid && count && is_this_process(*pid)) {
        auto passed = descriptors(first, *count, names);
        if (!passed) {
            return passed.error();
        }
        service.descriptors = std::move(passed.value());
    }
    return service;
}

} // namespace mpbridge::posix
