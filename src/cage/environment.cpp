#include "cage/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace mpbridge::cage {

std::vector<std::string> clean_environment() {
    constexpr std::array<std::string_view, 5> kept{"HOME=", "LANG=", "PATH=", "TERM=", "MICROPY"};
    std::vector<std::string> left;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        const std::string_view variable = *each;
        if (std::any_of(kept.begin(), kept.end(),
                        [&](auto start) { return variable.starts_with(start); })) {
            left.emplace_back(variable);
        }
    }
    return left;
}

} // namespace mpbridge::cage
