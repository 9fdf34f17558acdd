"""Refusal of a second client: from connecting to the end of what it is told."""

from __future__ import annotations

from suite import targets
from suite.client import Client
from suite.peers import RAW, RFC2217, bridge, serving
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import over_rounds, p50


def measure(context: Context) -> list[Row]:
    return [_row(context, protocol, name) for protocol, name in ((RAW, "raw"), (RFC2217, "RFC 2217"))]


def _row(context: Context, protocol: str, name: str) -> Row:
    samples = in_turn(context.rounds, {BRIDGE: lambda: _refusals(context, protocol)})
    values = {BRIDGE: over_rounds(samples, p50)[BRIDGE] / 1e3}
    return targets.bounded(f"refusal of a second client, {name}, p50", "ms", values, 0.5)


def _refusals(context: Context, protocol: str) -> list[float]:
    with serving(bridge(context.bridge), context.program) as server:
        counts = ("--count", context.count(200, 10), "--warm-up", 10)
        return Client(context.client).samples("refusal", server.line(), "--port", server.ports[protocol], *counts)
