#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/datagram_protocol.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mpbridge::ports {

// The right to a name in the file system, which one process has at a time and which ends with it,
// however it ends. Those of other network namespaces do not see it.
class NameClaim {
  public:
    // `kind` keeps names of different uses apart; `path` is absolute. Nothing: another process (or
    // another object of this one) has it.
    static std::optional<NameClaim> make(const boost::asio::any_io_executor& executor,
                                         std::string_view kind, const std::string& path);

  private:
    using Socket = boost::asio::local::datagram_protocol::socket;

    explicit NameClaim(Socket socket) : socket_(std::move(socket)) {}

    Socket socket_;
};

// Stands for a path where there is no room for it.
std::string path_hash(const std::string& path);

} // namespace mpbridge::ports
