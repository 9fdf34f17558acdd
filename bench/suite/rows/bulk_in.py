"""Bulk data from a client of the raw port to the program, which checks every byte."""

from __future__ import annotations

from suite import measures, targets
from suite.measures import PTY
from suite.rotation import in_turn
from suite.row import Context, Row
from suite.statistics import medians


def measure(context: Context) -> list[Row]:
    subjects = measures.of_each(context, lambda subject: measures.bulk(context, subject, "bulk-in"))
    bare = {PTY: lambda: measures.bulk_over_pty(context, "bulk-in")}
    values = medians(in_turn(context.rounds, subjects | bare))
    return [targets.at_least("bulk client → program, raw", "MB/s", values, 1.0, "socat", "every byte checked")]
