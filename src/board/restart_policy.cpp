#include "board/restart_policy.hpp"

#include <algorithm>

namespace mpbridge::board {

RestartPolicy::Duration RestartPolicy::ended(bool useful) {
    constexpr Duration first(100);
    constexpr Duration longest(5000);
    if (useful) {
        succeeded();
        return Duration::zero();
    }
    const auto failures = failures_++;
    if (failures == 0) {
        return Duration::zero();
    }
    constexpr int doublings_to_longest = 6;
    return std::min(longest, first * (1 << std::min(failures - 1, doublings_to_longest)));
}

} // namespace mpbridge::board
