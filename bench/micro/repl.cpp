#include "repl/repl.hpp"
#include "micro/material.hpp"
#include "micro/suites.hpp"
#include "repl/protocol.hpp"

namespace mpbridge::bench {
namespace {

using repl::Mode;
using repl::NewlinePolicy;

constexpr std::string_view banner = "MicroPython v1.28.0 on 2026-04-08; linux [GCC 12.2.0]\r\n"
                                    "Type \"help()\" for more information.\r\n>>> ";

// What the program in the PTY is, and how far it has come.
enum class Stage { not_micropython, friendly, raw, paste_requested };

void bring_to(Stage stage, repl::Repl& machine) {
    base::Bytes seen;
    if (stage == Stage::not_micropython) {
        return;
    }
    machine.output(base::bytes_of(banner), false, seen);
    if (stage != Stage::friendly) {
        machine.input(base::ByteView(&repl::ctrl_a, 1));
        const auto answer = std::string("\r\n").append(repl::raw_prompt_text);
        machine.output(base::bytes_of(answer), false, seen);
    }
    if (stage == Stage::paste_requested) {
        machine.input(base::bytes_of(repl::raw_paste_request));
    }
}

void output(benchmark::State& state, const base::Bytes& printed, Stage stage,
            std::size_t piece_size) {
    const auto pieces = in_pieces(printed, piece_size);
    repl::NewlineFilter newlines(NewlinePolicy::automatic);
    repl::Repl machine(Mode::friendly, newlines);
    bring_to(stage, machine);
    base::Bytes seen;
    for ([[maybe_unused]] auto _ : state) {
        for (const auto piece : pieces) {
            seen.clear();
            machine.output(piece, false, seen);
            benchmark::DoNotOptimize(seen.data());
            benchmark::ClobberMemory();
        }
    }
    set_bytes(state, printed.size());
}

void input(benchmark::State& state, const base::Bytes& written, std::size_t piece_size) {
    const auto pieces = in_pieces(written, piece_size);
    repl::NewlineFilter newlines(NewlinePolicy::automatic);
    repl::Repl machine(Mode::friendly, newlines);
    bring_to(Stage::friendly, machine);
    for ([[maybe_unused]] auto _ : state) {
        for (const auto piece : pieces) {
            machine.input(piece);
        }
    }
    set_bytes(state, written.size());
}

void add_output(const std::string& name, Stage stage, base::Bytes printed) {
    add_for_each_piece_size("repl/output/" + name, [stage, printed = std::move(printed)](
                                                       benchmark::State& state, std::size_t size) {
        output(state, printed, stage, size);
    });
}

void add_input(const std::string& name, base::Bytes written) {
    add_for_each_piece_size("repl/input/" + name, [written = std::move(written)](
                                                      benchmark::State& state, std::size_t size) {
        input(state, written, size);
    });
}

} // namespace

void add_repl_benchmarks() {
    add_output("not_micropython/bulk", Stage::not_micropython, base::Bytes(chunk, 'x'));
    add_output("not_micropython/random", Stage::not_micropython, random_bytes());
    add_output("friendly/bulk", Stage::friendly, base::Bytes(chunk, 'x'));
    add_output("friendly/lf_text", Stage::friendly, text_lines("\n"));
    add_output("friendly/crlf_text", Stage::friendly, text_lines("\r\n"));
    add_output("friendly/lf_only", Stage::friendly, base::Bytes(chunk, '\n'));
    add_output("friendly/random", Stage::friendly, random_bytes());
    add_output("raw/bulk", Stage::raw, base::Bytes(chunk, 'x'));
    add_output("raw/random", Stage::raw, random_bytes());
    add_output("raw/prompt_signs_only", Stage::raw, base::Bytes(chunk, '>'));
    add_output("paste_requested/random", Stage::paste_requested, random_bytes());
    add_output("paste_requested/prompt_signs_only", Stage::paste_requested,
               base::Bytes(chunk, '>'));
    add_input("bulk", base::Bytes(chunk, 'x'));
    add_input("random", random_bytes());
    add_input("ctrl_a_only", base::Bytes(chunk, repl::ctrl_a));
}

} // namespace mpbridge::bench
