#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

// The numbers of COM-PORT-OPTION and the form of its messages (RFC 2217).
namespace mpbridge::rfc2217 {

// As a client sends them; the server's answer to each is `server_offset` higher.
enum class Command : std::uint8_t {
    signature = 0,
    set_baudrate = 1,
    set_datasize = 2,
    set_parity = 3,
    set_stopsize = 4,
    set_control = 5,
    notify_linestate = 6,
    notify_modemstate = 7,
    flowcontrol_suspend = 8,
    flowcontrol_resume = 9,
    set_linestate_mask = 10,
    set_modemstate_mask = 11,
    purge_data = 12,
};

inline constexpr std::uint8_t last_command = 12;
inline constexpr std::uint8_t server_offset = 100;

// The values of SET-CONTROL (section 3). "Outbound" is outbound/both in the words of the RFC.
enum class Control : std::uint8_t {
    request_outbound_flow = 0,
    outbound_none = 1,
    outbound_xon_xoff = 2,
    outbound_hardware = 3,
    request_break = 4,
    break_on = 5,
    break_off = 6,
    request_dtr = 7,
    dtr_on = 8,
    dtr_off = 9,
    request_rts = 10,
    rts_on = 11,
    rts_off = 12,
    request_inbound_flow = 13,
    inbound_none = 14,
    inbound_xon_xoff = 15,
    inbound_hardware = 16,
    outbound_dcd = 17,
    inbound_dtr = 18,
    outbound_dsr = 19,
};

inline constexpr std::uint8_t last_control = 19;

// The bits of NOTIFY-MODEMSTATE (section 4) and of its mask.
namespace modem_bit {
inline constexpr std::uint8_t cd = 0x80;
inline constexpr std::uint8_t ri = 0x40;
inline constexpr std::uint8_t dsr = 0x20;
inline constexpr std::uint8_t cts = 0x10;
inline constexpr std::uint8_t delta_cd = 0x08;
inline constexpr std::uint8_t trailing_ri = 0x04;
inline constexpr std::uint8_t delta_dsr = 0x02;
inline constexpr std::uint8_t delta_cts = 0x01;
} // namespace modem_bit

// The bits of NOTIFY-LINESTATE (section 4) that a line which never fails and never waits has set.
namespace line_bit {
inline constexpr std::uint8_t transfer_shift_register_empty = 0x40;
inline constexpr std::uint8_t transfer_holding_register_empty = 0x20;
} // namespace line_bit

// The buffers of the server that PURGE-DATA drops (section 3); its value 3 means both.
namespace purge_bit {
inline constexpr std::uint8_t receive = 0x01;  // from the serial line
inline constexpr std::uint8_t transmit = 0x02; // to the serial line
} // namespace purge_bit

// For log texts: "SET-BAUDRATE".
std::string name_of(Command command);

// Whose form of a message is meant: the client's command, or the server's answer to it or its own
// notification.
enum class Sender : std::uint8_t { client, server };

// Whether the value of such a message may have this many octets (sections 2 to 5).
bool is_valid_size(Sender sender, Command command, std::size_t octets);

// As much of a text as goes out as SIGNATURE (section 2): at most 64 bytes, none of them IAC, which
// would go out doubled. This keeps the answer to the shortest question in proportion to it
// (max_reply_factor of Server and Client).
std::string limited_signature(std::string text);

// A value in network byte order, as that of SET-BAUDRATE is (section 2). Of more than four octets
// the last four count.
std::uint32_t number_of(base::ByteView value);

// IAC SB COM-PORT-OPTION, the client's number of the command, the value, IAC SE. A number goes out
// as four octets with SET-BAUDRATE and as one, its lowest, with any other command.
void append_command(base::Bytes& out, Command command, base::ByteView value);
void append_command(base::Bytes& out, Command command, std::uint32_t value);

// The same with the server's number of the command.
void append_answer(base::Bytes& out, Command command, base::ByteView value);
void append_answer(base::Bytes& out, Command command, std::uint32_t value);

} // namespace mpbridge::rfc2217
