#include "ports/host_lookup.hpp"

#include "base/linkage.hpp"
#include "board/event.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace mpbridge::ports {
namespace {

using boost::asio::ip::tcp;

Endpoints each_once(const tcp::resolver::results_type& found) {
    Endpoints all;
    for (const auto& entry : found) {
        if (std::find(all.begin(), all.end(), entry.endpoint()) == all.end()) {
            all.push_back(entry.endpoint());
        }
    }
    return all;
}

} // namespace

base::Result<Endpoints> look_up_numeric(const std::string& host, std::uint16_t port) {
    using boost::asio::ip::address_v4;
    using boost::asio::ip::address_v6;
    if (host == "localhost") {
        return Endpoints{{address_v4::loopback(), port}, {address_v6::loopback(), port}};
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    if (error) {
        return base::Error{"this statically linked program cannot look up names, give an address "
                           "instead of " +
                           host};
    }
    return Endpoints{{address, port}};
}

base::Result<Endpoints> look_up(tcp::resolver& resolver, const std::string& host,
                                std::uint16_t port) {
    if constexpr (base::linked_statically) {
        return look_up_numeric(host, port);
    } else {
        boost::system::error_code error;
        const auto found =
            resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
        if (error) {
            return base::Error{error.message()};
        }
        return each_once(found);
    }
}

boost::asio::awaitable<base::Result<Endpoints>>
async_look_up(tcp::resolver& resolver, const std::string& host, std::uint16_t port) {
    if constexpr (base::linked_statically) {
        co_return look_up_numeric(host, port);
    } else {
        const auto service = std::to_string(port);
        const auto [error, found] =
            co_await resolver.async_resolve(host, service, board::as_result);
        if (error) {
            co_return base::Error{error.message()};
        }
        co_return each_once(found);
    }
}

} // namespace mpbridge::ports
