#include "app/board_config.hpp"
#include "app/daemon.hpp"
#include "app/executable.hpp"
#include "app/log.hpp"
#include "app/options.hpp"
#include "posix/process.hpp"
#include "posix/service_environment.hpp"

#include <csignal>
#include <iostream>

namespace {

using mpbridge::base::Result;

Result<void> ask(const mpbridge::app::ControlOptions& options) {
    const auto answer = mpbridge::app::ask_running_bridge(options);
    if (!answer) {
        return answer.error();
    }
    std::cout << answer.value() << std::flush;
    return {};
}

Result<void> run(const mpbridge::app::Options& options, mpbridge::base::Log& log) {
    auto service = mpbridge::posix::take_service_environment();
    if (!service) {
        return service.error();
    }
    const auto executable = mpbridge::app::find_micropython(options.micropython_path);
    if (!executable) {
        return executable.error();
    }
    const auto directory = mpbridge::app::check_directory(options.cwd);
    if (!directory) {
        return directory.error();
    }
    std::signal(SIGPIPE, SIG_IGN);
    mpbridge::posix::block_child_signals();
    auto config = mpbridge::app::board_config(executable.value(), options);
    if (!config) {
        return config.error();
    }
    return mpbridge::app::Daemon(std::move(config.value()), options, std::move(service.value()),
                                 log)
        .run();
}

} // namespace

int main(int argc, char** argv) {
    const auto parsed = mpbridge::app::parse_options(argc, argv);
    if (const auto* exit = std::get_if<mpbridge::app::Exit>(&parsed)) {
        return exit->code;
    }
    const auto& options = std::get<mpbridge::app::Options>(parsed);
    mpbridge::app::StderrLog log(options.verbosity, options.log_format);
    const auto result = options.control.request ? ask(options.control) : run(options, log);
    if (!result) {
        log.failure(result.error().message);
        return 1;
    }
    return 0;
}
