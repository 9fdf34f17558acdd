"""Echo of one byte where the bridge looks again for a while before it sleeps."""

from __future__ import annotations

import subprocess

from suite import measures, targets
from suite.peers import bridge
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import over_rounds, p50

_OPTION = "--busy-poll"
_FIGURE = "echo, busy-poll 100, p50"


def measure(context: Context) -> list[Row]:
    if not _is_offered(context):
        return [targets.not_measured(_FIGURE, "µs", "≤ 0.75 × socat", "not supported")]
    count = context.count(500, 20)
    polling = bridge(context.bridge).with_options(_OPTION, "100")
    subjects = measures.of_each(context, lambda subject: measures.echo(context, subject, count))
    samples = in_turn(context.rounds, subjects | {BRIDGE: lambda: measures.echo(context, polling, count)})
    return [targets.at_most(_FIGURE, "µs", over_rounds(samples, p50), 0.75, "socat")]


def _is_offered(context: Context) -> bool:
    command = [str(context.bridge), "--help"]
    return _OPTION in subprocess.run(command, capture_output=True, text=True, check=True).stdout
