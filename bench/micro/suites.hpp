#pragma once

// Each registers the benchmarks of one part.
namespace mpbridge::bench {

void add_telnet_benchmarks();
void add_server_benchmarks();
void add_repl_benchmarks();
void add_queue_benchmarks();
void add_writer_benchmarks();

} // namespace mpbridge::bench
