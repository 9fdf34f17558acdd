#include "app/passed_sockets.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace mpbridge::app {
namespace {

constexpr std::array port_names{"rfc2217", "raw"};

bool has_no_name(const posix::PassedDescriptor& each) { return each.name.empty(); }

} // namespace

base::Result<PassedSockets> sort_by_port(std::vector<posix::PassedDescriptor> passed) {
    if (std::all_of(passed.begin(), passed.end(), has_no_name)) {
        if (passed.size() > port_names.size()) {
            return base::Error{std::to_string(passed.size()) +
                               " sockets were passed without names; name them rfc2217 or raw"};
        }
        for (std::size_t i = 0; i < passed.size(); ++i) {
            passed[i].name = port_names.at(i);
        }
    }
    PassedSockets sorted;
    for (auto& [name, descriptor] : passed) {
        if (name != port_names[0] && name != port_names[1]) {
            return base::Error{"A socket was passed with the name \"" + name +
                               "\"; it must be rfc2217 or raw"};
        }
        (name == port_names[0] ? sorted.rfc2217 : sorted.raw).push_back(std::move(descriptor));
    }
    return sorted;
}

} // namespace mpbridge::app
