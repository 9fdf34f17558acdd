#pragma once

#include <string>
#include <string_view>

// What MicroPython on the unix port prints, as captured behind a PTY.
namespace mpbridge::repl::transcript {

using namespace std::string_literals;
using namespace std::string_view_literals;

inline constexpr auto banner =
    "MicroPython 9458e3a23f on 2026-07-05; linux [GCC 14.2.1] version\r\n"
    "Type \"help()\" for more information.\r\n"sv;
inline constexpr auto release_banner =
    "MicroPython v1.28.0 on 2026-04-08; linux [GCC 12.2.0] version\r\n"
    "Type \"help()\" for more information.\r\n"sv;
inline constexpr auto prompt = ">>> "sv;
inline constexpr auto raw_prompt = "raw REPL; CTRL-B to exit\r\n>"sv;
inline constexpr auto paste_header = "R\x01\x80\x00\x01"sv;

// The first output of a process, Ctrl-A at an empty prompt, Ctrl-B in the raw REPL.
inline const auto start = std::string(banner).append(prompt);
inline const auto enter_raw = "\r\n"s.append(raw_prompt);
inline const auto leave_raw = "\r\n"s.append(start);

// What asks the raw REPL for a paste.
inline const auto paste_request = "\x05"
                                  "A\x01"s;

} // namespace mpbridge::repl::transcript
