#include "micro/material.hpp"
#include "micro/suites.hpp"
#include "telnet/decoder.hpp"
#include "telnet/encoder.hpp"

namespace mpbridge::bench {
namespace {

base::Bytes encoded(base::ByteView data, bool binary) {
    telnet::DataEncoder encoder;
    encoder.set_binary(binary);
    base::Bytes wire;
    encoder.encode(data, wire);
    return wire;
}

void decode(benchmark::State& state, const base::Bytes& wire, bool binary, std::size_t piece_size) {
    const auto pieces = in_pieces(wire, piece_size);
    telnet::Decoder decoder;
    decoder.set_binary(binary);
    for ([[maybe_unused]] auto _ : state) {
        for (auto piece : pieces) {
            while (const auto event = decoder.next(piece)) {
                benchmark::DoNotOptimize(event);
            }
        }
    }
    set_bytes(state, wire.size());
}

void encode(benchmark::State& state, const base::Bytes& data, bool binary, std::size_t piece_size) {
    const auto pieces = in_pieces(data, piece_size);
    telnet::DataEncoder encoder;
    encoder.set_binary(binary);
    base::Bytes wire;
    for ([[maybe_unused]] auto _ : state) {
        for (const auto piece : pieces) {
            wire.clear();
            encoder.encode(piece, wire);
            benchmark::DoNotOptimize(wire.data());
            benchmark::ClobberMemory();
        }
    }
    set_bytes(state, data.size());
}

} // namespace

void add_telnet_benchmarks() {
    for (const auto& material : materials()) {
        for (const bool binary : {true, false}) {
            const auto name = (binary ? "binary/" : "nvt/") + material.name;
            add_for_each_piece_size("decode/" + name,
                                    [wire = encoded(material.bytes, binary),
                                     binary](benchmark::State& state, std::size_t piece_size) {
                                        decode(state, wire, binary, piece_size);
                                    });
            add_for_each_piece_size(
                "encode/" + name,
                [data = material.bytes, binary](benchmark::State& state, std::size_t piece_size) {
                    encode(state, data, binary, piece_size);
                });
        }
    }
}

} // namespace mpbridge::bench
