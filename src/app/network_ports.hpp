#pragma once

#include "app/options.hpp"
#include "base/error.hpp"
#include "board/board.hpp"
#include "control/report.hpp"
#include "ports/doorman.hpp"
#include "ports/listener.hpp"
#include "posix/service_environment.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace mpbridge::app {

// The ports on the network: those of the options, or those that the service manager has opened.
class NetworkPorts {
  public:
    NetworkPorts(boost::asio::any_io_executor executor, board::Board& board, ports::Gate& gate,
                 base::Log& log)
        : executor_(std::move(executor)), board_(board), gate_(gate), log_(log) {}

    // Listens; nobody is accepted before start().
    base::Result<void> open(const Options& options, std::vector<posix::PassedDescriptor> passed);
    void start(ports::Doorman& doorman);
    void close();

    // How clients connect. Nothing: there is no such port.
    const std::optional<control::Endpoint>& rfc2217() const { return rfc2217_; }
    const std::optional<control::Endpoint>& socket() const { return socket_; }

    // Whether anyone beyond this machine can reach one of them.
    bool beyond_loopback() const;

  private:
    struct Service {
        std::string_view title;
        std::string_view scheme;
        std::optional<std::uint16_t> port;
        ports::Listener::Factory make;
        std::vector<posix::Descriptor> passed;
        std::optional<control::Endpoint>& endpoint;
    };

    base::Result<void> open(Service& service, const std::string& host);
    base::Result<void> listen(Service& service, const std::string& host);
    base::Result<void> adopt(Service& service);
    void log_endpoint(const Service& service, const std::string& where,
                      const control::Endpoint& endpoint);

    boost::asio::any_io_executor executor_;
    board::Board& board_;
    ports::Gate& gate_;
    base::Log& log_;
    std::vector<std::unique_ptr<ports::Listener>> listeners_;
    std::optional<control::Endpoint> rfc2217_;
    std::optional<control::Endpoint> socket_;
};

} // namespace mpbridge::app
