#include "app/network_ports.hpp"

#include "app/passed_sockets.hpp"
#include "ports/raw_connection.hpp"
#include "ports/rfc2217_connection.hpp"

#include <algorithm>
#include <array>

namespace mpbridge::app {
namespace {

using boost::asio::ip::tcp;

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

control::Endpoint endpoint(std::string_view scheme, const std::string& host, std::uint16_t port) {
    return {.port = port,
            .url = std::string(scheme) + "://" + connect_host(host) + ":" + std::to_string(port)};
}

} // namespace

base::Result<void> NetworkPorts::open(const Options& options,
                                      std::vector<posix::PassedDescriptor> passed) {
    auto sorted = sort_by_port(std::move(passed));
    if (!sorted) {
        return sorted.error();
    }
    auto& [for_rfc2217, for_raw] = sorted.value();
    // Who passes on one port only does not want the other one at its default place.
    const bool some_passed = !for_rfc2217.empty() || !for_raw.empty();
    const auto wanted = [&](std::optional<std::uint16_t> port, bool given) {
        return some_passed && !given ? std::nullopt : port;
    };
    const ports::Rfc2217Options rfc2217{.signature = name_and_version(bridge_name),
                                        .on_break = options.on_break};
    const auto make_rfc2217 = [this, rfc2217](tcp::socket socket,
                                              const ports::Surroundings& around) {
        return std::make_shared<ports::Rfc2217Connection>(std::move(socket), around, board_,
                                                          rfc2217);
    };
    const auto make_raw = [](tcp::socket socket, const ports::Surroundings& around) {
        return std::make_shared<ports::RawConnection>(std::move(socket), around);
    };
    std::array services{Service{"RFC 2217", "rfc2217", wanted(options.port, options.port_given),
                                make_rfc2217, std::move(for_rfc2217), rfc2217_},
                        Service{"Raw socket", "socket",
                                wanted(options.socket_port, options.socket_port_given), make_raw,
                                std::move(for_raw), socket_}};
    // A free number is looked for when those that were asked for are taken.
    const bool second_first = services[0].port == ports::Listener::any_port;
    auto& first = services[second_first ? 1 : 0];
    auto& second = services[second_first ? 0 : 1];
    if (auto opened = open(first, options.host); !opened) {
        return opened;
    }
    return open(second, options.host);
}

base::Result<void> NetworkPorts::open(Service& service, const std::string& host) {
    if (!service.passed.empty()) {
        return adopt(service);
    }
    return service.port ? listen(service, host) : base::Result<void>();
}

base::Result<void> NetworkPorts::listen(Service& service, const std::string& host) {
    auto opened = ports::Listener::open(executor_, service.title, host, *service.port, service.make,
                                        {board_, gate_, log_});
    if (!opened) {
        return opened.error();
    }
    listeners_.push_back(std::move(opened.value()));
    service.endpoint = endpoint(service.scheme, host, listeners_.back()->port());
    log_endpoint(service, shown_host(host) + ":" + std::to_string(service.endpoint->port),
                 *service.endpoint);
    return {};
}

base::Result<void> NetworkPorts::adopt(Service& service) {
    auto adopted = ports::Listener::adopt(executor_, service.title, std::move(service.passed),
                                          service.make, {board_, gate_, log_});
    if (!adopted) {
        return adopted.error();
    }
    listeners_.push_back(std::move(adopted.value()));
    for (const auto& local : listeners_.back()->local_endpoints()) {
        const auto reached = endpoint(service.scheme, local.address().to_string(), local.port());
        log_endpoint(service, ports::endpoint_name(local) + " (from systemd)", reached);
        service.endpoint = service.endpoint.value_or(reached);
    }
    return {};
}

void NetworkPorts::log_endpoint(const Service& service, const std::string& where,
                                const control::Endpoint& endpoint) {
    log_.info(std::string(service.title) + " server listening on " + where);
    log_.info("  Connect with: mpremote connect " + endpoint.url);
}

void NetworkPorts::start(ports::Doorman& doorman) {
    for (const auto& listener : listeners_) {
        listener->start(doorman);
    }
}

void NetworkPorts::close() {
    for (const auto& listener : listeners_) {
        listener->close();
    }
}

bool NetworkPorts::beyond_loopback() const {
    return std::any_of(listeners_.begin(), listeners_.end(),
                       [](const auto& listener) { return listener->beyond_loopback(); });
}

} // namespace mpbridge::app
