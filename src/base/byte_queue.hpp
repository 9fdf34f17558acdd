#pragma once

#include "base/bytes.hpp"

#include <cstddef>

namespace mpbridge::base {

// A first-in first-out queue of bytes with a bound that push() never exceeds. Memory grows with
// the content, to at most twice the bound, and is given back when the queue runs empty.
class ByteQueue {
  public:
    explicit ByteQueue(std::size_t bound) : bound_(bound) {}

    // Takes as many bytes as the bound allows and returns how many that were.
    std::size_t push(ByteView bytes);

    // Puts bytes before all others, whatever the bound says: for what was taken out too early.
    void push_front(ByteView bytes);

    // The oldest bytes, all of them in one piece; valid until the next change.
    ByteView front() const { return ByteView(bytes_).subspan(head_); }
    void pop(std::size_t count);
    void clear();

    std::size_t size() const { return bytes_.size() - head_; }
    bool empty() const { return size() == 0; }
    std::size_t room() const { return size() < bound_ ? bound_ - size() : 0; }

  private:
    void compact();

    std::size_t bound_;
    std::size_t head_ = 0;
    Bytes bytes_;
};

} // namespace mpbridge::base
