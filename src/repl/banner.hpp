#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mpbridge::repl {

struct Version {
    int major = 0;
    int minor = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
};

// The first MicroPython that has the raw REPL on the unix port.
inline constexpr Version first_with_raw_repl{1, 27};

// The version in a banner ("MicroPython v1.26.1 on ...") within some output. Nothing when there is
// no banner or it names only a commit.
std::optional<Version> banner_version(std::string_view output);

// What the first banner in it says that MicroPython is: "1.28.0", or a commit ("9458e3a23f").
// Empty: there is no banner.
std::string banner_release(std::string_view output);

} // namespace mpbridge::repl
