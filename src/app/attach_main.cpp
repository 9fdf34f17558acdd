#include "app/attach.hpp"
#include "app/attach_options.hpp"
#include "app/log.hpp"

#include <csignal>
#include <cstdlib>

int main(int argc, char** argv) {
    using namespace mpbridge;
    const auto parsed = app::parse_attach_options(argc, argv);
    if (const auto* exit = std::get_if<app::Exit>(&parsed)) {
        return exit->code;
    }
    const auto& options = std::get<app::AttachOptions>(parsed);
    std::signal(SIGPIPE, SIG_IGN);
    app::StderrLog log(options.verbosity);
    app::Attach attach(options, log);
    const auto result = attach.run();
    if (!result) {
        log.failure(result.error().message);
    }
    // A look-up of a name that is under way cannot be ended, and the destructors would wait for it.
    std::_Exit(result ? 0 : 1);
}
