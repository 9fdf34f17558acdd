"""Close, connect, first answer: the board goes from one client to the next."""

from __future__ import annotations

from suite import measures, targets
from suite.client import Client
from suite.measures import HOP, LIMIT
from suite.peers import bridge, serving
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import over_rounds, p50

_CONNECT = "TCP connect"
_ECHO = "echo"
_REFERENCE = "(connect + echo)"


def measure(context: Context) -> list[Row]:
    count = context.count(200, 10)
    client = Client(context.client)
    samples = in_turn(
        context.rounds,
        {
            BRIDGE: lambda: _hand_overs(context, count),
            _CONNECT: lambda: client.samples("connect", "--count", count),
            _ECHO: lambda: measures.echo(context, bridge(context.bridge), count),
            HOP: lambda: client.samples("hand-over", HOP, "--count", count),
            LIMIT: lambda: measures.echo_over(context, measures.pty(context), count),
        },
    )
    figures = over_rounds(samples, p50)
    values = {
        BRIDGE: figures[BRIDGE],
        _REFERENCE: figures[_CONNECT] + figures[_ECHO],
        LIMIT: figures[HOP] + figures[LIMIT],
    }
    return [targets.at_most("hand-over, p50", "µs", values, 1.3, _REFERENCE)]


def _hand_overs(context: Context, count: int) -> list[float]:
    with serving(bridge(context.bridge), context.program) as server:
        return Client(context.client).samples("hand-over", server.line(), "--count", count)
