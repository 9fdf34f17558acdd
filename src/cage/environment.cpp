#include "cage/environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mpbridge::cage {

std::vector<std::string> clean_environment(const char* const* environment) {
    constexpr std::array<std::string_view, 5> kept{"HOME=", "LANG=", "PATH=", "TERM=", "MICROPY"};
    std::vector<std::string> left;
    for (; *environment != nullptr; ++environment) {
        const std::string_view variable = *environment;
        if (std::any_of(kept.begin(), kept.end(),
                        [&](auto start) { return variable.starts_with(start); })) {
            left.emplace_back(variable);
        }
    }
    return left;
}

} // namespace mpbridge::cage
