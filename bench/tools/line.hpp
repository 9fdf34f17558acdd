#pragma once

#include "base/bytes.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace mpbridge::bench {

// A way to the program that obeys commands (commands.hpp). All lines read with the same buffer, and
// block.
class Line {
  public:
    Line() = default;
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    virtual ~Line() = default;

    virtual void write(base::ByteView data) = 0;

    // Valid until the next call.
    virtual base::ByteView read() = 0;

    // Closes the connection and makes another one. Only the lines over raw TCP can.
    virtual void reconnect();
};

// `where` is one of
//
//   raw:PORT        a raw TCP port of a bridge
//   rfc2217:PORT    an RFC 2217 port of a bridge
//   pty:PROGRAM     no bridge: the program behind a PTY that is made here
//   hop             no bridge: another process that obeys, over TCP
std::unique_ptr<Line> open_line(std::string_view where);

} // namespace mpbridge::bench
