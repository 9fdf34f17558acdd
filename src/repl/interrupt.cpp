#include "repl/interrupt.hpp"

#include "repl/protocol.hpp"

#include <algorithm>
#include <iterator>

namespace mpbridge::repl {
namespace {

constexpr auto pending_at_most = std::chrono::milliseconds(100);

} // namespace

bool Interrupt::possible(bool is_micropython) const {
    return policy_ == InterruptPolicy::always ||
           (policy_ == InterruptPolicy::automatic && is_micropython);
}

bool Interrupt::wanted(bool is_micropython, const Activity& activity) const {
    return possible(is_micropython) && activity.executing && activity.catches_interrupt;
}

bool Interrupt::still_pending(Time now) const { return sent_ && now - *sent_ < pending_at_most; }

base::Bytes without_ctrl_c(base::ByteView data) {
    base::Bytes kept;
    kept.reserve(data.size());
    std::copy_if(data.begin(), data.end(), std::back_inserter(kept),
                 [](std::uint8_t byte) { return byte != ctrl_c; });
    return kept;
}

bool contains_ctrl_c(base::ByteView data) {
    return base::text_of(data).find(static_cast<char>(ctrl_c)) != std::string_view::npos;
}

} // namespace mpbridge::repl
