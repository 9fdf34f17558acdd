#pragma once

#include "base/bytes.hpp"

namespace mpbridge::board {

// Who is attached to a board. The board holds no ownership: detach before destruction.
class Client {
  public:
    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    virtual ~Client() = default;

    // Takes all of the output. False: it wants no more until it calls Board::resume_output().
    virtual bool output(base::ByteView bytes) = 0;

    // The process ended (off) or started (on): a serial line's carrier.
    virtual void carrier(bool on) = 0;

    // The line is of no more use. The client shall leave when it has read what was put out.
    virtual void dismiss() {}
};

} // namespace mpbridge::board
