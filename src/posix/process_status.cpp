#include "posix/process_status.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <string>
#include <string_view>

namespace mpbridge::posix {
namespace {

std::string_view field(std::string_view status, std::string_view name) {
    const auto at = status.find(name);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto value = status.substr(at + name.size());
    return value.substr(0, value.find('\n'));
}

} // namespace

Descriptor open_process_status(pid_t pid) {
    const auto path = "/proc/" + std::to_string(pid) + "/status";
    return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::optional<ProcessStatus> ProcessStatus::read(int status_file) {
    std::array<char, 8192> buffer;
    const auto got = ::pread(status_file, buffer.data(), buffer.size(), 0);
    const std::string_view status(buffer.data(),
                                  static_cast<std::size_t>(std::max<ssize_t>(got, 0)));

    const auto state = field(status, "\nState:\t");
    const auto caught = field(status, "\nSigCgt:\t");
    std::uint64_t mask = 0;
    if (state.empty() ||
        std::from_chars(caught.data(), caught.data() + caught.size(), mask, 16).ec != std::errc()) {
        return std::nullopt;
    }
    return ProcessStatus{.sleeping = state.front() == 'S',
                         .catches_interrupt = ((mask >> (SIGINT - 1U)) & 1U) != 0};
}

} // namespace mpbridge::posix
