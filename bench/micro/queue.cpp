#include "base/byte_queue.hpp"
#include "micro/material.hpp"
#include "micro/suites.hpp"

namespace mpbridge::bench {
namespace {

// All of it goes in, then all of it goes out again.
void fill_and_empty(benchmark::State& state, std::size_t piece_size) {
    const base::Bytes piece(piece_size, 'x');
    base::ByteQueue queue(chunk);
    for ([[maybe_unused]] auto _ : state) {
        while (queue.room() >= piece_size) {
            queue.push(piece);
        }
        benchmark::DoNotOptimize(queue.front().data());
        while (!queue.empty()) {
            queue.pop(piece_size);
        }
    }
    set_bytes(state, chunk);
}

// Goes in as much as goes out, while a megabyte waits: a program that reads slower than its input
// comes.
void steady(benchmark::State& state, std::size_t piece_size) {
    constexpr std::size_t waiting = 1024 * 1024;
    const base::Bytes piece(piece_size, 'x');
    base::ByteQueue queue(2 * waiting);
    queue.push(base::Bytes(waiting, 'x'));
    for ([[maybe_unused]] auto _ : state) {
        queue.push(piece);
        benchmark::DoNotOptimize(queue.front().data());
        queue.pop(piece_size);
    }
    set_bytes(state, piece_size);
}

} // namespace

void add_queue_benchmarks() {
    add_for_each_piece_size("queue/fill_and_empty", fill_and_empty);
    add_for_each_piece_size("queue/steady", steady);
}

} // namespace mpbridge::bench
