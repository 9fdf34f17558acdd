#include "ports/writer.hpp"
#include "micro/material.hpp"
#include "micro/suites.hpp"
#include "telnet/encoder.hpp"

#include <algorithm>
#include <limits>

namespace mpbridge::bench {
namespace {

// A socket that takes all, or so much at each other call.
class Sink {
  public:
    explicit Sink(std::size_t at_once) : at_once_(at_once) {}

    posix::Transfer take(base::ByteView bytes) {
        benchmark::DoNotOptimize(bytes.data());
        benchmark::ClobberMemory();
        if (at_once_ == everything) {
            return {.count = bytes.size()};
        }
        full_ = !full_;
        return {.count = full_ ? std::min(at_once_, bytes.size()) : 0};
    }

    static constexpr auto everything = std::numeric_limits<std::size_t>::max();

  private:
    std::size_t at_once_;
    bool full_ = false;
};

void write_all(benchmark::State& state, Sink sink, bool telnet, std::size_t piece_size) {
    telnet::DataEncoder encoder;
    encoder.set_binary(true);
    const ports::Writer::Encoder encode = [&](base::ByteView data, base::Bytes& wire) {
        encoder.encode(data, wire);
    };
    ports::Writer writer([&](base::ByteView bytes) { return sink.take(bytes); },
                         telnet ? encode : ports::Writer::Encoder());
    const base::Bytes piece(piece_size, 'x');
    for ([[maybe_unused]] auto _ : state) {
        writer.data(piece);
        while (!writer.idle()) {
            writer.flush();
        }
    }
    set_bytes(state, piece_size);
}

} // namespace

void add_writer_benchmarks() {
    constexpr std::size_t little = 4096;
    for (const bool telnet : {false, true}) {
        const std::string protocol = telnet ? "rfc2217" : "raw";
        add_for_each_piece_size("writer/" + protocol + "/fast_client",
                                [telnet](benchmark::State& state, std::size_t size) {
                                    write_all(state, Sink(Sink::everything), telnet, size);
                                });
        add_for_each_piece_size("writer/" + protocol + "/slow_client",
                                [telnet](benchmark::State& state, std::size_t size) {
                                    write_all(state, Sink(little), telnet, size);
                                });
    }
}

} // namespace mpbridge::bench
