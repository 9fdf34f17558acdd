#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The numbers of the telnet protocol, under the names its RFCs give them.
namespace mpbridge::telnet {

// What may follow IAC (RFC 854; EOF, SUSP and ABORT: RFC 1184; EOR: RFC 885).
enum class Command : std::uint8_t {
    eof = 236,
    susp = 237,
    abort = 238,
    eor = 239,
    se = 240,
    nop = 241,
    dm = 242,
    brk = 243,
    ip = 244,
    ao = 245,
    ayt = 246,
    ec = 247,
    el = 248,
    ga = 249,
    sb = 250,
    will = 251,
    wont = 252,
    do_ = 253,
    dont = 254,
    iac = 255,
};

// The four commands that negotiate an option.
enum class Verb : std::uint8_t { will = 251, wont = 252, do_ = 253, dont = 254 };

// Options are an open set: a peer may name any of 256.
using Option = std::uint8_t;

namespace option {
inline constexpr Option binary = 0;               // RFC 856
inline constexpr Option echo = 1;                 // RFC 857
inline constexpr Option suppress_go_ahead = 3;    // RFC 858
inline constexpr Option status = 5;               // RFC 859
inline constexpr Option timing_mark = 6;          // RFC 860
inline constexpr Option logout = 18;              // RFC 727
inline constexpr Option terminal_type = 24;       // RFC 1091
inline constexpr Option window_size = 31;         // RFC 1073
inline constexpr Option terminal_speed = 32;      // RFC 1079
inline constexpr Option remote_flow_control = 33; // RFC 1372
inline constexpr Option linemode = 34;            // RFC 1184
inline constexpr Option x_display_location = 35;  // RFC 1096
inline constexpr Option new_environ = 39;         // RFC 1572
inline constexpr Option com_port = 44;            // RFC 2217
} // namespace option

inline constexpr std::uint8_t iac = 255;
inline constexpr std::uint8_t cr = '\r';
inline constexpr std::uint8_t lf = '\n';
inline constexpr std::uint8_t nul = 0;

// For log texts: "WILL", "BRK", "BINARY"; what has no name is shown as its number.
std::string_view name_of(Verb verb);
std::string name_of(Command command);
std::string option_name(Option option);

} // namespace mpbridge::telnet
