#include "base/byte_queue.hpp"

#include <algorithm>
#include <cassert>

namespace mpbridge::base {
namespace {

// A queue that ran empty keeps this much memory, so that steady traffic does not allocate.
constexpr std::size_t kept_capacity = 64 * 1024;

} // namespace

std::size_t ByteQueue::push(ByteView bytes) {
    const auto taken = std::min(bytes.size(), room());
    const bool mostly_popped = head_ >= size();
    if (bytes_.size() + taken > bytes_.capacity() && mostly_popped) {
        compact();
    }
    append(bytes_, bytes.first(taken));
    return taken;
}

void ByteQueue::push_front(ByteView bytes) {
    compact();
    bytes_.insert(bytes_.begin(), bytes.begin(), bytes.end());
}

void ByteQueue::pop(std::size_t count) {
    assert(count <= size());
    head_ += count;
    if (empty()) {
        clear();
    }
}

void ByteQueue::clear() {
    head_ = 0;
    if (bytes_.capacity() > kept_capacity) {
        bytes_ = {};
    } else {
        bytes_.clear();
    }
}

void ByteQueue::compact() {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
}

} // namespace mpbridge::base
