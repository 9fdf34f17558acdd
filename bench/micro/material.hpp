#pragma once

#include "base/bytes.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

namespace mpbridge::bench {

inline constexpr std::size_t chunk = 64 * 1024;

// Something to pass through, with a name for the report.
struct Material {
    std::string name;
    base::Bytes bytes;
};

// 64 KiB of what comes out of programs, from the best case of a telnet codec to its worst.
std::vector<Material> materials();

// Lines of text, each ended by `line_end`, at least `size` bytes.
base::Bytes text_lines(std::string_view line_end, std::size_t size = chunk);

// All byte values, without any order.
base::Bytes random_bytes(std::size_t size = chunk);

// The bytes in pieces of at most `size` bytes, as reads would have got them.
std::vector<base::ByteView> in_pieces(base::ByteView bytes, std::size_t size);

// Registers run(state, piece_size) under a name for each size of a piece.
template <typename Run>
void add_for_each_piece_size(const std::string& name, Run run) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, chunk}) {
        benchmark::RegisterBenchmark((name + "/" + std::to_string(size)).c_str(),
                                     [run, size](benchmark::State& state) { run(state, size); });
    }
}

inline void set_bytes(benchmark::State& state, std::size_t bytes_per_iteration) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_per_iteration));
}

} // namespace mpbridge::bench
