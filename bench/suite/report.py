"""The rows as a table of text, and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from suite.row import BRIDGE, Context, Row

_VERDICTS = {True: "met", False: "NOT MET", None: "—"}


def number(value: float) -> str:
    """Three digits that say something, and no exponent."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def subjects(context: Context) -> list[str]:
    """Those that have a column."""
    return [BRIDGE, *(peer.name for peer in context.peers), "limit"]


def table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    head = ["figure", "unit", *columns, "ratio", "target", "", "beside"]
    lines = [head, *(_cells(row, columns) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(_aligned(line, widths, len(columns)) for line in lines)


def summary(rows: Sequence[Row]) -> str:
    count = {verdict: sum(row.met is verdict for row in rows) for verdict in (True, False, None)}
    return f"{count[True]} met, {count[False]} not met, {count[None]} without a verdict"


def as_json(rows: Sequence[Row], context: Context) -> str:
    content = {"machine": machine(), "rounds": context.rounds, "rows": [asdict(row) for row in rows]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def machine() -> str:
    return f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release()}"


def others_at_work() -> str:
    """What else the machine has done in the last minute; to be asked before anything is measured."""
    return f"load {os.getloadavg()[0]:.2f} at the start"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _cells(row: Row, columns: Sequence[str]) -> list[str]:
    values = [number(row.values[name]) if name in row.values else "" for name in columns]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return [row.figure, row.unit, *values, ratio, row.target, _VERDICTS[row.met], _beside(row, columns)]


def _beside(row: Row, columns: Sequence[str]) -> str:
    others = [f"{name} {number(value)}" for name, value in row.values.items() if name not in columns]
    return "; ".join([*others, *filter(None, [row.note])])


def _aligned(cells: Sequence[str], widths: Sequence[int], figures: int) -> str:
    """Text to the left, numbers to the right."""
    numbers = range(2, 2 + figures + 1)
    return "  ".join(
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths))
    ).rstrip()
