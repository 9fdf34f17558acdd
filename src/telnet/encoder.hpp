#pragma once

#include "base/bytes.hpp"
#include "telnet/codes.hpp"

namespace mpbridge::telnet {

// Appends data with every IAC doubled (RFC 854): at most twice its size.
void append_escaped(base::Bytes& out, base::ByteView data);

void append_negotiation(base::Bytes& out, Verb verb, Option option);

// IAC SB option payload IAC SE, the payload escaped (RFC 855).
void append_subnegotiation(base::Bytes& out, Option option, base::ByteView payload);

// User data towards the peer: escaped and, while we do not send BINARY (RFC 856), in the form of an
// NVT, where CR is followed by LF or else by NUL (RFC 854). At most twice the size of the data, and
// one byte.
//
// A CR goes out at once; the NUL it may need is put before the byte that comes next, in this call
// or a later one. So whatever else is sent in between must not be user data.
class DataEncoder {
  public:
    void encode(base::ByteView data, base::Bytes& out);
    void set_binary(bool on);

  private:
    bool binary_ = false;
    std::uint8_t last_ = nul; // of the data, in an NVT
};

} // namespace mpbridge::telnet
