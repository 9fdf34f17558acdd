#include "app/attach.hpp"
#include "app/attach_options.hpp"
#include "app/log.hpp"

#include <csignal>
#include <iostream>

int main(int argc, char** argv) {
    using namespace mpbridge;
    const auto parsed = app::parse_attach_options(argc, argv);
    if (const auto* exit = std::get_if<app::Exit>(&parsed)) {
        return exit->code;
    }
    const auto& options = std::get<app::AttachOptions>(parsed);
    std::signal(SIGPIPE, SIG_IGN);
    app::StderrLog log(options.verbosity);
    const auto result = app::Attach(options, log).run();
    if (!result) {
        std::cerr << "Error: " << result.error().message << std::endl;
        return 1;
    }
    return 0;
}
