// The least a bridge can be: waits for either side, reads, writes, and nothing else. What it needs,
// nobody can do without. Started like the bridge, but it has only a raw port.

#include "tools/io.hpp"
#include "tools/pty_program.hpp"

#include <CLI/CLI.hpp>
#include <poll.h>

#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

namespace mpbridge::bench {

namespace {

struct Options {
    std::string host;
    std::uint16_t rfc2217_port = 0;
    std::uint16_t socket_port = 0;
    std::string folder;
    std::string program;
};

// Until one of them closes, which throws.
[[noreturn]] void relay(int socket, int terminal) {
    Buffer buffer;
    for (;;) {
        std::array<pollfd, 2> sides{{{socket, POLLIN, 0}, {terminal, POLLIN, 0}}};
        if (::poll(sides.data(), sides.size(), -1) < 0) {
            throw_errno("poll");
        }
        if (sides[1].revents != 0) {
            write_all(socket, read_some(terminal, buffer));
        }
        if (sides[0].revents != 0) {
            write_all(terminal, read_some(socket, buffer));
        }
    }
}

[[noreturn]] void serve(const Options& options) {
    const auto listener = listen_on(options.socket_port);
    const PtyProgram program(options.program);
    for (;;) {
        const auto socket = accept_on(listener.get());
        try {
            relay(socket.get(), program.master());
        } catch (const Closed&) {
            continue;
        }
    }
}

} // namespace

} // namespace mpbridge::bench

int main(int argc, char** argv) {
    mpbridge::bench::Options options;
    CLI::App app("The least a bridge can be");
    app.set_help_flag("--help");
    app.add_option("-H", options.host, "Ignored: it is this machine");
    app.add_option("-p", options.rfc2217_port, "Ignored");
    app.add_option("-s", options.socket_port, "Raw port")->required();
    app.add_option("--cwd", options.folder, "Ignored");
    app.add_option("program", options.program, "What to serve")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        ::signal(SIGPIPE, SIG_IGN);
        mpbridge::bench::serve(options);
    } catch (const std::exception& error) {
        std::cerr << "Error: " << error.what() << '\n';
        return 1;
    }
}
