"""Echo of one byte over the raw port, on a quiet machine and with all cores busy."""

from __future__ import annotations

from suite import measures, processes, targets
from suite.measures import LIMIT
from suite.rotation import in_turn
from suite.row import Context, Row
from suite.statistics import over_rounds, p50, p99


def measure(context: Context) -> list[Row]:
    quiet = _samples(context, context.count(500, 20))
    with processes.busy_cores(context.client):
        loaded = _samples(context, context.count(200, 5))
    return [*_rows("quiet", quiet), *_rows("cores busy", loaded)]


def _samples(context: Context, count: int) -> dict[str, list[list[float]]]:
    subjects = measures.of_each(context, lambda subject: measures.echo(context, subject, count))
    return in_turn(context.rounds, subjects | {LIMIT: lambda: measures.echo_at_the_limit(context, count)})


def _rows(state: str, samples: dict[str, list[list[float]]]) -> list[Row]:
    rows = []
    for name, figure in (("p50", p50), ("p99", p99)):
        values = over_rounds(samples, figure)
        rows.append(targets.at_most(f"echo, {state}, {name}", "µs", values, 1.0, "socat"))
        rows.append(targets.at_most(f"echo, {state}, {name}", "µs", values, 1.15, LIMIT))
    return rows
