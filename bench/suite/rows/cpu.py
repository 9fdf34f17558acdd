"""CPU time of the bridge's own process for each echo."""

from __future__ import annotations

from suite import measures, processes, targets
from suite.client import Client
from suite.peers import COMPILED, Subject, serving
from suite.rotation import in_turn
from suite.row import Context, Row
from suite.statistics import medians

_FIGURE = "CPU time per echo"


def measure(context: Context) -> list[Row]:
    subjects = measures.of_each(context, lambda subject: _cpu_per_echo(context, subject))
    values = medians(in_turn(context.rounds, subjects))
    bridges = [peer.name for peer in context.peers if peer.name not in COMPILED]
    return [
        targets.at_most(_FIGURE, "µs", values, 1.1, "socat"),
        *(targets.at_most(_FIGURE, "µs", values, 0.3, name) for name in bridges),
    ]


def _cpu_per_echo(context: Context, subject: Subject) -> float:
    count = context.count(500, 20)
    looks: list[int] = []
    with serving(subject, context.program) as server:

        def look() -> None:
            looks.append(processes.cpu_nanoseconds(server.pid))

        Client(context.client).echo_between(server.line(), count, look, look)
    return (looks[1] - looks[0]) / count / 1e3
