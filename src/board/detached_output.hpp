#pragma once

#include "base/bytes.hpp"

#include <cstddef>

namespace mpbridge::board {

// What the board prints while nobody is there, as far as the next client shall see it: all since
// the process started, if it started meanwhile (newest 64 KiB), or the newest `replay` bytes.
class DetachedOutput {
  public:
    explicit DetachedOutput(std::size_t replay) : replay_(replay) {}

    // From now on nobody is there.
    void begin();
    void process_started();
    void add(base::ByteView output);

    // What the client that is there now shall see of it. Forgets all.
    base::Bytes take();

  private:
    std::size_t limit() const;

    std::size_t replay_;
    bool started_meanwhile_ = false;
    std::size_t since_start_ = 0;
    base::Bytes kept_;
};

} // namespace mpbridge::board
