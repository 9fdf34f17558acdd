#include "rfc2217/server.hpp"
#include "micro/material.hpp"
#include "micro/suites.hpp"
#include "telnet/encoder.hpp"

namespace mpbridge::bench {
namespace {

void receive(rfc2217::Server& server, base::ByteView wire) {
    base::Bytes reply;
    while (const auto event = server.next(wire, reply)) {
        benchmark::DoNotOptimize(event);
    }
    benchmark::DoNotOptimize(reply.data());
}

// As pyserial leaves it when the port is open.
rfc2217::Server open_server() {
    rfc2217::Server server({.signature = "bench"});
    base::Bytes offers;
    server.start(offers);
    base::Bytes answers;
    for (const auto option :
         {telnet::option::binary, telnet::option::suppress_go_ahead, telnet::option::com_port}) {
        telnet::append_negotiation(answers, telnet::Verb::do_, option);
        telnet::append_negotiation(answers, telnet::Verb::will, option);
    }
    receive(server, answers);
    return server;
}

void from_client(benchmark::State& state, const base::Bytes& data, std::size_t piece_size) {
    base::Bytes wire;
    telnet::append_escaped(wire, data);
    const auto pieces = in_pieces(wire, piece_size);
    auto server = open_server();
    for ([[maybe_unused]] auto _ : state) {
        for (const auto piece : pieces) {
            receive(server, piece);
        }
    }
    set_bytes(state, wire.size());
}

void to_client(benchmark::State& state, const base::Bytes& data, std::size_t piece_size) {
    const auto pieces = in_pieces(data, piece_size);
    auto server = open_server();
    base::Bytes wire;
    for ([[maybe_unused]] auto _ : state) {
        for (const auto piece : pieces) {
            wire.clear();
            server.encode(piece, wire);
            benchmark::DoNotOptimize(wire.data());
            benchmark::ClobberMemory();
        }
    }
    set_bytes(state, data.size());
}

} // namespace

void add_server_benchmarks() {
    for (const auto& material : materials()) {
        add_for_each_piece_size(
            "server/from_client/" + material.name,
            [data = material.bytes](benchmark::State& state, std::size_t piece_size) {
                from_client(state, data, piece_size);
            });
        add_for_each_piece_size(
            "server/to_client/" + material.name,
            [data = material.bytes](benchmark::State& state, std::size_t piece_size) {
                to_client(state, data, piece_size);
            });
    }
}

} // namespace mpbridge::bench
