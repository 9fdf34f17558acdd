#pragma once

#include "base/bytes.hpp"

#include <cstddef>

namespace mpbridge::board {

// What the board prints while nobody is there, as far as the next client shall see it: all since
// the process started (newest 64 KiB), if no client has had to do with that process, or the newest
// `replay` bytes.
class DetachedOutput {
  public:
    explicit DetachedOutput(std::size_t replay) : replay_(replay) {}

    // From now on nobody is there.
    void begin();

    // A process started that no client has had to do with.
    void process_started();

    // A client has had to do with the process: it saw output of it or sent it input.
    void process_used() { fresh_process_ = false; }
    bool fresh_process() const { return fresh_process_; }

    void add(base::ByteView output);

    // What the client that is there now shall see of it. Forgets all.
    base::Bytes take();

  private:
    std::size_t limit() const;

    std::size_t replay_;
    bool fresh_process_ = false;
    std::size_t since_start_ = 0;
    base::Bytes kept_;
};

} // namespace mpbridge::board
