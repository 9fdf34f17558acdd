#include "posix/process_status.hpp"

#include "posix/descriptor.hpp"

#include <fcntl.h>

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

std::optional<ProcessStatus> ProcessStatus::of(pid_t pid) {
    const auto path = "/proc/" + std::to_string(pid) + "/status";
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<std::uint8_t, 8192> buffer;
    const auto got = file ? read_some(file.get(), buffer) : Transfer{};
    const auto status = base::text_of(base::ByteView(buffer).first(got.count));

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
