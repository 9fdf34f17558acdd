#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <cstddef>

namespace mpbridge::base {

// Writes data with what a rule puts in between, and returns the end of it. Copies many bytes at
// once where the rule finds nothing to do, and goes byte by byte where there is much of it. A rule
// has
//
//     // The most that becomes of one byte.
//     static constexpr std::size_t longest;
//     // How many bytes remain as they are, before one that may not.
//     static std::size_t plain(ByteView data, std::uint8_t before);
//     // Writes what becomes of one byte, and returns the end of it.
//     static std::uint8_t* put(std::uint8_t* to, std::uint8_t byte, std::uint8_t before);
//
// `before` is the byte that came before.
template <typename Rule>
std::uint8_t* expand(ByteView data, std::uint8_t* to, std::uint8_t before) {
    constexpr std::size_t dense = 16; // fewer plain bytes at once are not worth looking for
    constexpr std::size_t window = 64;
    while (!data.empty()) {
        const auto plain = Rule::plain(data, before);
        to = std::copy_n(data.data(), plain, to);
        before = plain > 0 ? data[plain - 1] : before;
        data = data.subspan(plain);
        // What was found, with the byte behind it, on which it may depend what is put between.
        const auto piece = data.first(std::min(data.size(), plain < dense ? window : 2));
        for (const auto byte : piece) {
            to = Rule::put(to, byte, before);
            before = byte;
        }
        data = data.subspan(piece.size());
    }
    return to;
}

// Appends it: at first what remains as it is, which is all in most cases, then one piece after the
// other, so that memory is not taken for the worst case of all.
template <typename Rule>
void append_expanded(Bytes& out, ByteView data, std::uint8_t before) {
    constexpr std::size_t at_once = 4096;
    const auto plain = Rule::plain(data, before);
    append(out, data.first(plain));
    before = plain > 0 ? data[plain - 1] : before;
    data = data.subspan(plain);
    while (!data.empty()) {
        const auto piece = data.first(std::min(data.size(), at_once));
        const auto size = out.size();
        out.resize(size + Rule::longest * piece.size());
        const auto* end = expand<Rule>(piece, out.data() + size, before);
        out.resize(static_cast<std::size_t>(end - out.data()));
        before = piece.back();
        data = data.subspan(piece.size());
    }
}

} // namespace mpbridge::base
