#include "ports/accept_failures.hpp"

#include <string>
#include <utility>

namespace mpbridge::ports {

void AcceptFailures::failed(std::string_view reason, Clock::time_point now) {
    if (const auto count = limit_.next(now)) {
        log_.warning("Cannot accept a connection: " + std::string(reason) + *count);
        told_ = true;
    }
}

void AcceptFailures::accepted() {
    if (std::exchange(told_, false)) {
        log_.warning("Connections are accepted again");
    }
}

} // namespace mpbridge::ports
