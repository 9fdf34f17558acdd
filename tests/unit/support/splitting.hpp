#pragma once

#include "base/bytes.hpp"

#include <vector>

namespace mpbridge::test {

// Each piece has memory of its own, so that a sanitizer sees any step beyond its end.
using Pieces = std::vector<base::Bytes>;

inline Pieces whole(base::ByteView wire) { return {base::Bytes(wire.begin(), wire.end())}; }

inline Pieces byte_by_byte(base::ByteView wire) {
    Pieces pieces;
    for (const auto byte : wire) {
        pieces.push_back({byte});
    }
    return pieces;
}

// What a peer's bytes may arrive in: whole, byte by byte, and cut in two at every place.
inline std::vector<Pieces> splittings(base::ByteView wire) {
    std::vector<Pieces> all = {whole(wire), byte_by_byte(wire)};
    for (std::size_t cut = 1; cut < wire.size(); ++cut) {
        const auto middle = wire.begin() + static_cast<std::ptrdiff_t>(cut);
        all.push_back({{wire.begin(), middle}, {middle, wire.end()}});
    }
    return all;
}

} // namespace mpbridge::test
