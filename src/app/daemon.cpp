#include "app/daemon.hpp"

#include "app/run.hpp"
#include "app/termination.hpp"
#include "control/json.hpp"
#include "posix/unix_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <filesystem>

namespace mpbridge::app {
namespace {

std::string status(const ports::Occupant* client) {
    if (client == nullptr) {
        return "Waiting for a client";
    }
    const auto protocol = client->protocol();
    const auto* title = protocol == "rfc2217"  ? "RFC 2217"
                        : protocol == "socket" ? "raw socket"
                                               : "serial device";
    return "Client " + client->peer() + " (" + title + ")";
}

} // namespace

Daemon::Daemon(board::BoardConfig board, const Options& options, posix::ServiceEnvironment service,
               base::Log& log)
    : executable_(board.command.executable), options_(options), log_(log),
      passed_(std::move(service.descriptors)), signals_(io_),
      notifier_(io_.get_executor(), service.notify_socket, service.watchdog, log),
      board_(io_.get_executor(), std::move(board), log), gate_(options.max_pending),
      doorman_(options.allow, log), network_(io_.get_executor(), board_, gate_, log) {}

base::Result<void> Daemon::run() {
    on_termination(signals_, [this] { stop(); });
    gate_.watch([this] { client_changed(); });
    notifier_.set_status(status(gate_.client()));
    log_introduction();
    if (auto opened = network_.open(options_, std::move(passed_)); !opened) {
        return opened;
    }
    if (auto opened = open_pty_port(); !opened) {
        return opened;
    }
    if (auto opened = open_control(); !opened) {
        return opened;
    }
    if (auto removed = remove_former_ready_file(); !removed) {
        return removed;
    }
    say_who_may_connect();
    log_.info("Persistent mode: MicroPython process persists across connections");
    log_.info("Starting MicroPython: " + micropython_command_line(executable_, options_));
    if (auto started = board_.start(); !started) {
        return started;
    }
    log_.info("Waiting for connection...");
    network_.start(doorman_);
    if (pty_port_) {
        pty_port_->start();
    }
    if (control_) {
        control_->start([this](std::string_view line) { return operations_->answer(line); });
    }

    boost::asio::co_spawn(io_, become_ready(), boost::asio::detached);
    boost::asio::co_spawn(io_, notifier_.keep_alive(), boost::asio::detached);
    const std::chrono::microseconds busy_poll(options_.busy_poll_us);
    auto result = run_until_over(io_, board_.run(), [this] { stop(); }, busy_poll);
    return result ? readiness_ : result;
}

void Daemon::log_introduction() {
    log_.info("mpremote Bridge - type Ctrl-C to quit");
    log_.info("MicroPython executable: " + executable_);
    if (options_.optimization > 0) {
        log_.info("MicroPython optimization: -" +
                  std::string(static_cast<std::size_t>(options_.optimization), 'O'));
    }
    if (has_board_root(options_)) {
        log_.info("MicroPython root: its working directory");
    }
    if (options_.cage.sandbox) {
        log_.info(options_.cage.network ? "Sandbox: on, with network" : "Sandbox: on");
    }
}

base::Result<void> Daemon::open_pty_port() {
    if (!options_.pty) {
        return {};
    }
    const auto wanted = device_options(options_.pty_options);
    if (!wanted) {
        return wanted.error();
    }
    auto opened = ports::DevicePort::open(io_.get_executor(), wanted.value());
    if (!opened) {
        return opened.error();
    }
    pty_port_ = std::make_unique<ports::PtyPort>(io_.get_executor(), std::move(opened.value()),
                                                 ports::Surroundings{board_, gate_, log_});
    log_.info("PTY port at " + pty_port_->description());
    log_.info("  Connect with: mpremote connect " + pty_port_->device().path());
    return {};
}

base::Result<void> Daemon::open_control() {
    const auto& wanted = options_.control.path;
    const auto path = wanted.empty() ? usual_control_path() : wanted;
    if (!path.empty() && path != "none") {
        auto opened = control::Server::open(io_.get_executor(), path, log_);
        if (opened) {
            control_ = std::move(opened.value());
            identity_.control = control_->path();
            log_.info("Control socket at " + identity_.control);
        } else if (!wanted.empty()) {
            return opened.error();
        } else {
            log_.info(opened.error().message + "; going on without");
        }
    }
    identity_.rfc2217 = network_.rfc2217();
    identity_.socket = network_.socket();
    identity_.version = version();
    identity_.pid = posix::own_process();
    operations_.emplace(control::Parts{board_, gate_, doorman_, pty_port_.get()}, identity_, log_);
    return {};
}

void Daemon::say_who_may_connect() {
    if (!options_.allow.is_empty()) {
        log_.info("Connections are accepted from " + options_.allow.description() + " only");
    } else if (network_.beyond_loopback()) {
        log_.warning("Everyone who can reach this machine can run code on it through the REPL; "
                     "-H localhost keeps it to this machine");
    }
}

// All ports listen by now.
boost::asio::awaitable<void> Daemon::become_ready() {
    if (!starts_with_code(options_)) {
        co_await board_.wait_for_first_prompt();
    }
    if (stopping_) {
        co_return;
    }
    if (readiness_ = write_ready_file(); !readiness_) {
        stop();
        co_return;
    }
    const auto& release = board_.micropython_release();
    log_.debug(release.empty() ? "Ready" : "Ready: MicroPython " + release);
    co_await notifier_.ready();
}

// That of a bridge that came to a sudden end would tell that this one is ready.
base::Result<void> Daemon::remove_former_ready_file() const {
    const auto& path = options_.control.ready_file;
    std::error_code failure;
    if (!path.empty() && std::filesystem::is_regular_file(path, failure)) {
        std::filesystem::remove(path, failure);
    } else {
        failure.clear();
    }
    return failure
               ? base::Result<void>(base::Error{"Cannot remove " + path + ": " + failure.message()})
               : base::Result<void>();
}

base::Result<void> Daemon::write_ready_file() {
    const auto& path = options_.control.ready_file;
    if (path.empty()) {
        return {};
    }
    const auto text = control::json_line(control::identity_json(operations_->snapshot()));
    auto written = posix::PublishedFile::write(path, text);
    if (!written) {
        return written.error();
    }
    ready_file_.emplace(std::move(written.value()));
    return {};
}

void Daemon::client_changed() {
    notifier_.set_status(status(gate_.client()));
    if (options_.once && gate_.client() == nullptr) {
        gate_.close(); // whoever comes before all else has stopped is not to be let in any more
        boost::asio::post(io_, [this] { stop(); });
    }
}

void Daemon::stop() {
    stopping_ = true;
    notifier_.stopping();
    ready_file_.reset();
    if (control_) {
        control_->close();
    }
    network_.close();
    if (pty_port_) {
        pty_port_->close();
    }
    gate_.close();
    board_.stop();
}

} // namespace mpbridge::app
