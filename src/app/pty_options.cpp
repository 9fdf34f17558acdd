#include "app/pty_options.hpp"

#include "posix/group.hpp"

#include <CLI/CLI.hpp>

namespace mpbridge::app {
namespace {

constexpr int octal = 8;

std::string check_mode(const std::string& digits) {
    const bool good = !digits.empty() && digits.size() <= 4 &&
                      digits.find_first_not_of("01234567") == std::string::npos &&
                      std::stoul(digits, nullptr, octal) <= 0777;
    return good ? std::string() : digits + " is not an octal number up to 777";
}

} // namespace

void add_pty_options(CLI::App& app, PtyOptions& options) {
    app.add_option("--pty-link", options.link,
                   "Make a symbolic link to the PTY port's device, a name that stays the same")
        ->type_name("PATH");
    app.add_option_function<std::string>(
           "--pty-mode",
           [&options](const std::string& digits) {
               options.mode = static_cast<mode_t>(std::stoul(digits, nullptr, octal));
           },
           "Permissions of the PTY port's device")
        ->check(CLI::Validator(check_mode, "", "mode"))
        ->type_name("OCTAL")
        ->default_str("600");
    app.add_option("--pty-group", options.group,
                   "Group of the PTY port's device (default: the one of this process)")
        ->type_name("GROUP");
}

base::Result<ports::DeviceOptions> device_options(const PtyOptions& options) {
    ports::DeviceOptions device;
    device.link = options.link;
    device.access.mode = options.mode;
    if (!options.group.empty()) {
        const auto group = posix::group_id(options.group);
        if (!group) {
            return group.error();
        }
        device.access.group = group.value();
    }
    return device;
}

} // namespace mpbridge::app
