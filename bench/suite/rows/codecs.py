"""The telnet codec by itself, on 64 KiB at once."""

from __future__ import annotations

import json
import subprocess

from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import medians

_PIECE = 65536
_WAYS = ("decode", "encode")

# What it is fed with, and how many MB/s it has to make of it.
_TARGETS = {"no_iac": 2000, "iac_only": 300}


def measure(context: Context) -> list[Row]:
    names = [(way, material) for way in _WAYS for material in _TARGETS]
    rates = {
        f"{way}/{mode}/{material}": lambda name=f"{way}/{mode}/{material}": _rate(context, name)
        for way, material in names
        for mode in ("binary", "nvt")
    }
    values = medians(in_turn(context.rounds, rates, needed=tuple(rates)))
    return [_row(way, material, values) for way, material in names]


def _row(way: str, material: str, values: dict[str, float]) -> Row:
    binary, nvt = values[f"{way}/binary/{material}"], values[f"{way}/nvt/{material}"]
    target = _TARGETS[material]
    met = min(binary, nvt) >= target
    return Row(f"telnet {way}, {material}", "MB/s", {BRIDGE: binary, "NVT": nvt}, f"≥ {target} MB/s", met, None)


def _rate(context: Context, name: str) -> float:
    seconds = 0.01 if context.quick else 0.1
    command = [
        str(context.tools / "bench_micro"),
        f"--benchmark_filter=^{name}/{_PIECE}$",
        f"--benchmark_min_time={seconds}",
        "--benchmark_format=json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (result,) = json.loads(done.stdout)["benchmarks"]
    return result["bytes_per_second"] / 1e6
