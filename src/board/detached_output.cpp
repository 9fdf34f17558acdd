#include "board/detached_output.hpp"

#include <algorithm>

namespace mpbridge::board {
namespace {

constexpr std::size_t kept_since_start = 64 * 1024;

void drop_oldest(base::Bytes& bytes, std::size_t newest) {
    const auto dropped = bytes.size() - std::min(bytes.size(), newest);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(dropped));
}

} // namespace

void DetachedOutput::begin() {
    since_start_ = 0;
    kept_ = {};
}

void DetachedOutput::process_started() {
    fresh_process_ = true;
    since_start_ = 0;
}

std::size_t DetachedOutput::limit() const {
    return std::max(replay_, fresh_process_ ? kept_since_start : 0);
}

void DetachedOutput::add(base::ByteView output) {
    const auto most = limit();
    if (most == 0) {
        return;
    }
    since_start_ = std::min(since_start_ + output.size(), kept_since_start);
    base::append(kept_, output.last(std::min(output.size(), most)));
    if (kept_.size() >= 2 * most) {
        drop_oldest(kept_, most);
    }
}

base::Bytes DetachedOutput::take() {
    drop_oldest(kept_, std::max(replay_, fresh_process_ ? since_start_ : 0));
    auto taken = std::move(kept_);
    fresh_process_ = fresh_process_ && taken.empty();
    begin();
    return taken;
}

} // namespace mpbridge::board
