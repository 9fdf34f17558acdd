#pragma once

#include "base/bytes.hpp"

#include <random>

namespace mpbridge::test {

using Random = std::mt19937; // the same numbers in every run

inline std::size_t below(Random& random, std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

// Bytes out of a small alphabet, so that what matters is met often.
inline base::Bytes random_bytes(Random& random, base::ByteView alphabet, std::size_t max_size) {
    base::Bytes bytes(below(random, max_size + 1));
    for (auto& byte : bytes) {
        byte = alphabet[below(random, alphabet.size())];
    }
    return bytes;
}

// So many runs, each of up to `longest` times the same byte.
inline base::Bytes random_runs(Random& random, base::ByteView alphabet, std::size_t runs,
                               std::size_t longest) {
    base::Bytes bytes;
    for (std::size_t run = 0; run < runs; ++run) {
        bytes.insert(bytes.end(), 1 + below(random, longest),
                     alphabet[below(random, alphabet.size())]);
    }
    return bytes;
}

} // namespace mpbridge::test
