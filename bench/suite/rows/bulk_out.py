"""Bulk data from the program to a client of the raw port."""

from __future__ import annotations

from suite import measures, targets
from suite.measures import PTY
from suite.rotation import in_turn
from suite.row import Context, Row
from suite.statistics import medians

_FIGURE = "bulk program → client, raw"


def measure(context: Context) -> list[Row]:
    subjects = measures.of_each(context, lambda subject: measures.bulk(context, subject, "bulk-out"))
    bare = {PTY: lambda: measures.bulk_over_pty(context, "bulk-out")}
    values = medians(in_turn(context.rounds, subjects | bare))
    return [
        targets.at_least(_FIGURE, "MB/s", values, 1.5, "socat"),
        targets.at_least(_FIGURE, "MB/s", values, 0.5, PTY),
    ]
