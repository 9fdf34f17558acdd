#include "tools/pattern.hpp"

#include "tools/io.hpp"

#include <algorithm>
#include <cstring>

namespace mpbridge::bench {

namespace {

constexpr std::size_t period = 64;

std::uint8_t byte_at(Kind kind, std::size_t place) {
    if (kind == Kind::iac || (kind == Kind::mixed && place % 16 == 15)) {
        return 0xff;
    }
    return static_cast<std::uint8_t>(' ' + place % period);
}

} // namespace

Pattern::Pattern(Kind kind) {
    // A period more than a buffer, so that a piece of that size can begin at any phase.
    for (std::size_t place = 0; place < buffer_size + period; ++place) {
        bytes_.push_back(byte_at(kind, place));
    }
}

base::ByteView Pattern::take(std::size_t size) {
    const auto piece = base::ByteView(bytes_).subspan(phase_, std::min(size, buffer_size));
    phase_ = (phase_ + piece.size()) % period;
    return piece;
}

bool Pattern::matches(base::ByteView data) {
    const auto expected = take(data.size());
    return expected.size() == data.size() &&
           std::memcmp(expected.data(), data.data(), data.size()) == 0;
}

} // namespace mpbridge::bench
