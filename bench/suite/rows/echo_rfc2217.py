"""Echo of one byte over RFC 2217, beside the raw port."""

from __future__ import annotations

from suite import measures, targets
from suite.peers import RFC2217, bridge
from suite.rotation import in_turn
from suite.row import Context, Row
from suite.statistics import over_rounds, p50

_RAW_PORT = "raw port"


def measure(context: Context) -> list[Row]:
    count = context.count(500, 20)
    subjects = measures.of_each(
        context, lambda subject: measures.echo(context, subject, count, RFC2217), RFC2217
    )
    raw = {_RAW_PORT: lambda: measures.echo(context, bridge(context.bridge), count)}
    values = over_rounds(in_turn(context.rounds, subjects | raw), p50)
    return [targets.at_most("echo over RFC 2217, p50", "µs", values, 1.05, _RAW_PORT)]
