#include "ports/name_claim.hpp"

#include <functional>

namespace mpbridge::ports {

using boost::asio::local::datagram_protocol;

std::string path_hash(const std::string& path) {
    return std::to_string(std::hash<std::string>{}(path));
}

std::optional<NameClaim> NameClaim::make(const boost::asio::any_io_executor& executor,
                                         std::string_view kind, const std::string& path) {
    // In the abstract namespace, where the kernel removes it with its owner.
    std::string name(1, '\0');
    name.append("mpremote-bridge-").append(kind).append("-").append(path_hash(path));
    Socket socket(executor);
    boost::system::error_code taken;
    socket.open(datagram_protocol(), taken);
    if (socket.bind(datagram_protocol::endpoint(name), taken)) {
        return std::nullopt;
    }
    return NameClaim(std::move(socket));
}

} // namespace mpbridge::ports
