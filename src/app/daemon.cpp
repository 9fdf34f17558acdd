#include "app/daemon.hpp"

#include "app/run.hpp"
#include "app/termination.hpp"
#include "ports/raw_connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <chrono>

namespace mpbridge::app {
namespace {

constexpr std::uint16_t no_port = 0;

std::string in_brackets_if_ipv6(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string shown_host(const std::string& host) {
    return host.empty() ? "0.0.0.0" : in_brackets_if_ipv6(host);
}

std::string connect_host(const std::string& host) {
    const bool any = host.empty() || host == "0.0.0.0" || host == "::";
    return any ? "localhost" : in_brackets_if_ipv6(host);
}

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
      doorman_(options.allow, log) {}

base::Result<void> Daemon::run() {
    on_termination(signals_, [this] { stop(); });
    log_introduction();
    if (auto opened = open_listeners(); !opened) {
        return opened;
    }
    if (auto opened = open_pty_port(); !opened) {
        return opened;
    }
    say_who_may_connect();
    log_.info("Persistent mode: MicroPython process persists across connections");
    log_.info("Starting MicroPython: " + micropython_command_line(executable_, options_));
    if (auto started = board_.start(); !started) {
        return started;
    }
    log_.info("Waiting for connection...");
    std::for_each(listeners_.begin(), listeners_.end(),
                  [this](auto& each) { each->start(doorman_); });
    if (pty_port_) {
        pty_port_->start();
    }

    gate_.watch([this] { client_changed(); });
    client_changed();
    boost::asio::co_spawn(io_, become_ready(), boost::asio::detached);
    boost::asio::co_spawn(io_, notifier_.keep_alive(), boost::asio::detached);
    const std::chrono::microseconds busy_poll(options_.busy_poll_us);
    return run_until_over(io_, board_.run(), [this] { stop(); }, busy_poll);
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

base::Result<void> Daemon::open_listeners() {
    using boost::asio::ip::tcp;
    const ports::Rfc2217Options rfc2217{.signature = name_and_version(bridge_name),
                                        .on_break = options_.on_break};
    const auto make_rfc2217 = [this, rfc2217](tcp::socket socket,
                                              const ports::Surroundings& around) {
        return std::make_shared<ports::Rfc2217Connection>(std::move(socket), around, board_,
                                                          rfc2217);
    };
    const auto make_raw = [](tcp::socket socket, const ports::Surroundings& around) {
        return std::make_shared<ports::RawConnection>(std::move(socket), around);
    };
    auto passed = sort_by_port(std::move(passed_));
    if (!passed) {
        return passed.error();
    }
    auto& [for_rfc2217, for_raw] = passed.value();
    // Who passes on one port only does not want the other one at its default place.
    if (!for_rfc2217.empty() || !for_raw.empty()) {
        options_.port = options_.port_given ? options_.port : no_port;
        options_.socket_port = options_.socket_port_given ? options_.socket_port : no_port;
    }
    auto opened =
        open_or_adopt("RFC 2217", "rfc2217", std::move(for_rfc2217), options_.port, make_rfc2217);
    if (!opened) {
        return opened;
    }
    return open_or_adopt("Raw socket", "socket", std::move(for_raw), options_.socket_port,
                         make_raw);
}

base::Result<void> Daemon::open_or_adopt(std::string_view title, std::string_view scheme,
                                         std::vector<posix::Descriptor> passed, std::uint16_t port,
                                         ports::Listener::Factory make) {
    return passed.empty() ? open_listener(title, scheme, port, std::move(make))
                          : adopt_listener(title, scheme, std::move(passed), std::move(make));
}

base::Result<void> Daemon::adopt_listener(std::string_view title, std::string_view scheme,
                                          std::vector<posix::Descriptor> passed,
                                          ports::Listener::Factory make) {
    auto adopted = ports::Listener::adopt(io_.get_executor(), title, std::move(passed),
                                          std::move(make), {board_, gate_, log_});
    if (!adopted) {
        return adopted.error();
    }
    listeners_.push_back(std::move(adopted.value()));
    for (const auto& endpoint : listeners_.back()->local_endpoints()) {
        log_.info(std::string(title) + " server listening on " + ports::endpoint_name(endpoint) +
                  " (from systemd)");
        log_.info("  Connect with: mpremote connect " + std::string(scheme) + "://" +
                  connect_host(endpoint.address().to_string()) + ":" +
                  std::to_string(endpoint.port()));
    }
    return {};
}

base::Result<void> Daemon::open_listener(std::string_view title, std::string_view scheme,
                                         std::uint16_t port, ports::Listener::Factory make) {
    if (port == 0) {
        return {};
    }
    auto opened = ports::Listener::open(io_.get_executor(), title, options_.host, port,
                                        std::move(make), {board_, gate_, log_});
    if (!opened) {
        return opened.error();
    }
    listeners_.push_back(std::move(opened.value()));
    const auto number = ":" + std::to_string(port);
    log_.info(std::string(title) + " server listening on " + shown_host(options_.host) + number);
    log_.info("  Connect with: mpremote connect " + std::string(scheme) + "://" +
              connect_host(options_.host) + number);
    return {};
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

void Daemon::say_who_may_connect() {
    if (!options_.allow.is_empty()) {
        log_.info("Connections are accepted from " + options_.allow.description() + " only");
    } else if (std::any_of(listeners_.begin(), listeners_.end(),
                           [](const auto& listener) { return listener->beyond_loopback(); })) {
        log_.warning("Everyone who can reach this machine can run code on it through the REPL; "
                     "-H localhost keeps it to this machine");
    }
}

// All ports listen by now.
boost::asio::awaitable<void> Daemon::become_ready() {
    if (!starts_with_code(options_)) {
        co_await board_.wait_for_first_prompt();
    }
    const auto& release = board_.micropython_release();
    log_.debug(release.empty() ? "Ready" : "Ready: MicroPython " + release);
    co_await notifier_.ready();
}

void Daemon::client_changed() { notifier_.set_status(status(gate_.client())); }

void Daemon::stop() {
    notifier_.stopping();
    for (const auto& listener : listeners_) {
        listener->close();
    }
    if (pty_port_) {
        pty_port_->close();
    }
    gate_.close();
    board_.stop();
}

} // namespace mpbridge::app
