"""Measures the rows that are asked for, one kind after the other, and reports them."""

from __future__ import annotations

import importlib
import re
import signal
import sys
import traceback
from types import FrameType

from suite import chart, options, report, rows
from suite.row import Context, Row


def main() -> int:
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, _interrupt)
    given = options.parse(sys.argv[1:])
    head = f"{report.machine()}; {report.others_at_work()}; rounds: {given.context.rounds}\n"
    measured, failed = _measure(given.context, given.only)
    print(head)
    print(report.table(measured, report.subjects(given.context)))
    print(f"\n{report.summary(measured)}")
    if given.json:
        given.json.write_text(report.as_json(measured, given.context))
    if given.plot:
        given.plot.write_text(chart.svg(measured))
    for name in failed:
        print(f"Error: {name} could not be measured", file=sys.stderr)
    return 1 if failed else 0


def _measure(context: Context, only: str) -> tuple[list[Row], list[str]]:
    """The rows, and the names of the kinds that could not be measured."""
    measured: list[Row] = []
    failed: list[str] = []
    for name in filter(re.compile(only).search, rows.NAMES):
        print(f"==> {name}", file=sys.stderr, flush=True)
        try:
            measured += importlib.import_module(f"suite.rows.{name}").measure(context)
        except Exception:  # the others can be measured all the same
            traceback.print_exc()
            failed.append(name)
    return measured, failed


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
