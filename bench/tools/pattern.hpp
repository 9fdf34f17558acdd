#pragma once

#include "base/bytes.hpp"

#include <cstdint>

namespace mpbridge::bench {

// What bulk data is made of: text, text with every 16th byte 0xFF, or 0xFF only. The letter names
// it in a command. None has a byte that a REPL or a terminal would act on.
enum class Kind : char { text = 'p', mixed = 'm', iac = 'f' };

// A stream of such data, which is made or checked piece by piece. Cheap: it is compared with
// memory.
class Pattern {
  public:
    explicit Pattern(Kind kind);

    // The next bytes of the stream: `size` of them, or as many as come in one piece.
    base::ByteView take(std::size_t size);

    // Whether these are the next bytes of the stream.
    bool matches(base::ByteView data);

  private:
    base::Bytes bytes_;
    std::size_t phase_ = 0;
};

} // namespace mpbridge::bench
