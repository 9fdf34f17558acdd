#include "ports/device_link.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace mpbridge::ports {

namespace fs = std::filesystem;
namespace {

base::Error link_error(const std::string& path, const std::string& reason) {
    return {"Cannot make the link " + path + ": " + reason};
}

bool names_a_pty(const std::string& target) {
    constexpr std::string_view folder = "/dev/pts/";
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return target.size() > folder.size() && target.starts_with(folder) &&
           std::all_of(target.begin() + folder.size(), target.end(), is_digit);
}

} // namespace

base::Result<DeviceLink> DeviceLink::claim(const boost::asio::any_io_executor& executor,
                                           const std::string& path) {
    std::error_code failure;
    const auto folder = fs::canonical(fs::path(".") / fs::path(path).parent_path(), failure);
    const auto name = fs::path(path).filename();
    if (failure || name.empty()) {
        return link_error(path, failure ? failure.message() : "it names no file");
    }
    const auto full = (folder / name).string();
    const auto found = fs::symlink_status(full, failure).type();
    if (found != fs::file_type::not_found &&
        (found != fs::file_type::symlink || !names_a_pty(fs::read_symlink(full, failure)))) {
        return link_error(path, "there is something else with this name");
    }
    auto claim = NameClaim::make(executor, "pty-link", full);
    if (!claim) {
        return link_error(path, "another process has it in use");
    }
    return DeviceLink(full, std::move(*claim));
}

DeviceLink::DeviceLink(DeviceLink&& other) noexcept
    : path_(std::move(other.path_)), device_(std::exchange(other.device_, {})),
      claim_(std::move(other.claim_)) {}

DeviceLink::~DeviceLink() {
    std::error_code ignored;
    if (!device_.empty() && fs::read_symlink(path_, ignored) == device_) {
        fs::remove(path_, ignored);
    }
}

base::Result<void> DeviceLink::point_to(const std::string& device) {
    // Always of the same name, so that one that a sudden end left behind does not stay.
    const auto fresh =
        (fs::path(path_).parent_path() / (".mpremote-bridge-" + path_hash(path_))).string();
    std::error_code failure;
    if (fs::is_symlink(fresh, failure)) {
        fs::remove(fresh, failure);
    }
    fs::create_symlink(device, fresh, failure);
    if (!failure) {
        fs::rename(fresh, path_, failure);
    }
    if (failure) {
        std::error_code ignored;
        fs::remove(fresh, ignored);
        return link_error(path_, failure.message());
    }
    device_ = device;
    return {};
}

} // namespace mpbridge::ports
