#include "app/board_config.hpp"

#include "app/board_root.hpp"

#include <filesystem>

namespace mpbridge::app {
namespace {

base::Result<posix::Command> command(const std::string& executable, const Options& options) {
    posix::Command command{.executable = executable,
                           .arguments = micropython_arguments(options),
                           .directory = options.cwd};
    if (has_board_root(options)) {
        std::error_code error;
        const auto root =
            std::filesystem::canonical(options.cwd.empty() ? "." : options.cwd, error);
        if (error) {
            return base::system_error("Cannot find the working directory", error.value());
        }
        const auto more = board_root_arguments(root);
        command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    }
    return {boost::system::in_place_value, std::move(command)};
}

} // namespace

base::Result<board::BoardConfig> board_config(const std::string& executable,
                                              const Options& options) {
    auto wanted = command(executable, options);
    if (!wanted) {
        return wanted.error();
    }
    if (auto confined = cage::confine(wanted.value(), options.cage); !confined) {
        return confined.error();
    }
    board::BoardConfig config{.command = std::move(wanted.value()),
                              .replay = options.replay,
                              // Such code would run long before the reset that it belongs to.
                              .standby = starts_with_code(options) ? 0 : options.standby,
                              .interrupt = options.interrupt,
                              .newline = options.newline};
    return {boost::system::in_place_value, std::move(config)};
}

} // namespace mpbridge::app
