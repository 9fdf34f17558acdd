#pragma once

#include <cstdint>
#include <string_view>

// What MicroPython's REPL (shared/runtime/pyexec.c) reads and prints.
namespace mpbridge::repl {

inline constexpr std::uint8_t ctrl_a = 0x01; // enter the raw REPL
inline constexpr std::uint8_t ctrl_b = 0x02; // enter the friendly REPL
inline constexpr std::uint8_t ctrl_c = 0x03; // interrupt
inline constexpr std::uint8_t ctrl_d = 0x04; // soft reset; end of code

inline constexpr std::string_view friendly_prompt_text = ">>> ";
inline constexpr std::string_view raw_prompt_text = "raw REPL; CTRL-B to exit\r\n>";
inline constexpr std::string_view banner_start = "MicroPython ";

// Ctrl-E A Ctrl-A asks the raw REPL for raw-paste mode. It answers R, 0x01, the window size in two
// bytes and 0x01.
inline constexpr std::string_view raw_paste_request = "\x05"
                                                      "A\x01";
inline constexpr std::string_view raw_paste_accepted = "R\x01";
inline constexpr std::size_t raw_paste_header_size = 5;

enum class Mode { friendly, raw };

} // namespace mpbridge::repl
