#include "micro/suites.hpp"

#include <benchmark/benchmark.h>

// The parts through which each byte goes, one by one: bytes per second at 1 byte, 4 KiB (what the
// kernel hands out of a PTY at once) and 64 KiB (what the bridge takes in hand at once).
int main(int argc, char** argv) {
    using namespace mpbridge::bench;
    add_telnet_benchmarks();
    add_server_benchmarks();
    add_repl_benchmarks();
    add_queue_benchmarks();
    add_writer_benchmarks();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
