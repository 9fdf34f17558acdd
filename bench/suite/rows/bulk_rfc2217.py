"""Bulk data from the program over RFC 2217, beside the same data over the raw port."""

from __future__ import annotations

from suite import measures, targets
from suite.peers import RFC2217, bridge
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import medians

_RAW_PORT = "raw port"


def measure(context: Context) -> list[Row]:
    only_iac = _values(context, "iac")
    return [
        _row("text", _values(context, "text")),
        _row("every 16th byte 0xFF", _values(context, "mixed")),
        Row(_figure("0xFF only"), "MB/s", only_iac, "—", None, _ratio(only_iac), "twice the bytes"),
    ]


def _row(data: str, values: dict[str, float]) -> Row:
    return targets.at_least(_figure(data), "MB/s", values, 0.85, _RAW_PORT)


def _figure(data: str) -> str:
    return f"bulk program → client, RFC 2217, {data}"


def _ratio(values: dict[str, float]) -> float:
    return values[BRIDGE] / values[_RAW_PORT]


def _values(context: Context, kind: str) -> dict[str, float]:
    subjects = measures.of_each(
        context,
        lambda subject: measures.bulk(context, subject, "bulk-out", "--kind", kind, protocol=RFC2217),
        RFC2217,
    )
    own = bridge(context.bridge)
    raw = {_RAW_PORT: lambda: measures.bulk(context, own, "bulk-out", "--kind", kind)}
    return medians(in_turn(context.rounds, subjects | raw))
