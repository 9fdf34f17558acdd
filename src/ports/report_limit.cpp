#include "ports/report_limit.hpp"

#include <utility>

namespace mpbridge::ports {

std::optional<std::string> ReportLimit::next(Clock::time_point now) {
    if (reported_ && now - *reported_ < interval) {
        ++not_reported_;
        return std::nullopt;
    }
    reported_ = now;
    const auto others = std::exchange(not_reported_, 0);
    return others == 0 ? "" : " (and " + std::to_string(others) + " more before it)";
}

} // namespace mpbridge::ports
