#include "ports/allow_list.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace mpbridge::ports {

namespace ip = boost::asio::ip;

namespace {

constexpr unsigned bits_v4 = 32;
constexpr unsigned bits_v6 = 128;

std::optional<unsigned> prefix_of(std::string_view digits, unsigned longest) {
    unsigned prefix = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    const bool good = error == std::errc() && end == digits.data() + digits.size();
    return good && prefix <= longest ? std::optional(prefix) : std::nullopt;
}

// A scope (%eth0) would not be looked at, so it is none of the addresses that can be given.
std::optional<ip::address> address_of(const std::string& text) {
    boost::system::error_code error;
    const auto address = ip::make_address(text, error);
    const bool good = !error && text.find('%') == std::string::npos;
    return good ? std::optional(address) : std::nullopt;
}

template <class Network, class Address>
Network network(const Address& address, unsigned prefix) {
    return Network(address, static_cast<unsigned short>(prefix)).canonical();
}

ip::address_v4 unmapped(const ip::address_v6& address) {
    return ip::make_address_v4(ip::v4_mapped, address);
}

// A peer's address has a scope, that of a network has none.
ip::address_v6 without_scope(const ip::address_v6& address) {
    return ip::address_v6(address.to_bytes());
}

template <class Network, class Address>
bool any_contains(const std::vector<Network>& networks, const Address& address) {
    return std::any_of(networks.begin(), networks.end(), [&](const Network& each) {
        return network<Network>(address, each.prefix_length()) == each;
    });
}

} // namespace

base::Result<void> AllowList::add(const std::string& text) {
    const auto slash = text.find('/');
    const auto address = address_of(text.substr(0, slash));
    if (!address) {
        return base::Error{"'" + text + "' is not ADDRESS or ADDRESS/PREFIX"};
    }
    const auto longest = address->is_v4() ? bits_v4 : bits_v6;
    const auto prefix = slash == std::string::npos
                            ? longest
                            : prefix_of(std::string_view(text).substr(slash + 1), longest);
    if (!prefix) {
        return base::Error{"'" + text + "' has a prefix that is not a number up to " +
                           std::to_string(longest)};
    }
    constexpr auto mapping_bits = bits_v6 - bits_v4;
    if (address->is_v4()) {
        v4_.push_back(network<ip::network_v4>(address->to_v4(), *prefix));
    } else if (address->to_v6().is_v4_mapped() && *prefix >= mapping_bits) {
        v4_.push_back(network<ip::network_v4>(unmapped(address->to_v6()), *prefix - mapping_bits));
    } else {
        v6_.push_back(network<ip::network_v6>(address->to_v6(), *prefix));
    }
    return {};
}

bool AllowList::admits(const ip::address& peer) const {
    if (is_empty()) {
        return true;
    }
    if (peer.is_v4()) {
        return any_contains(v4_, peer.to_v4());
    }
    return peer.to_v6().is_v4_mapped() ? any_contains(v4_, unmapped(peer.to_v6()))
                                       : any_contains(v6_, without_scope(peer.to_v6()));
}

std::string AllowList::description() const {
    std::string all;
    const auto append = [&all](const auto& each) {
        all += (all.empty() ? "" : ", ") + each.to_string();
    };
    std::for_each(v4_.begin(), v4_.end(), append);
    std::for_each(v6_.begin(), v6_.end(), append);
    return all;
}

} // namespace mpbridge::ports
