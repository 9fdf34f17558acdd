"""What several rows measure of a subject, each time with a fresh one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from suite.client import Client
from suite.peers import RAW, Subject, bridge, serving
from suite.row import BRIDGE, Context

Value = TypeVar("Value")

LIMIT = "limit"
"""The name of (bare PTY + bare TCP hop) among the values of a row."""

PTY = "bare PTY"
HOP = "hop"
"""bench_client's name for a bare TCP hop."""


def pty(context: Context) -> str:
    """bench_client's name for the program behind a bare PTY."""
    return f"pty:{context.program}"


def echo(context: Context, subject: Subject, count: int, protocol: str = RAW) -> list[float]:
    with serving(subject, context.program) as server:
        return echo_over(context, server.line(protocol), count)


def echo_over(context: Context, line: str, count: int) -> list[float]:
    return Client(context.client).samples("echo", line, "--count", count)


def echo_at_the_limit(context: Context, count: int) -> list[float]:
    """Each sample is an echo over a bare PTY and one over a bare TCP hop, one after the other."""
    over_pty = echo_over(context, pty(context), count)
    over_hop = echo_over(context, HOP, count)
    return [one + other for one, other in zip(over_pty, over_hop)]


def bulk(context: Context, subject: Subject, command: str, *more: str, protocol: str = RAW) -> float:
    compared = subject.name in (BRIDGE, "socat")
    with serving(subject, context.program) as server:
        return _rate(context, server.line(protocol), command, compared, *more)


def bulk_over_pty(context: Context, command: str) -> float:
    return _rate(context, pty(context), command, True)


def _rate(context: Context, line: str, command: str, compared: bool, *more: str) -> float:
    """Those without a part in a target are slow, and get less to do."""
    mebibytes = context.count(16 if compared else 2, 1)
    return Client(context.client).rate(command, line, mebibytes, *more)


def of_each(
    context: Context, measure: Callable[[Subject], Value], protocol: str = RAW
) -> dict[str, Callable[[], Value]]:
    """What to call for the bridge and each peer that has this protocol, by their names."""
    subjects = [bridge(context.bridge), *context.peers]
    return {
        subject.name: partial(measure, subject)
        for subject in subjects
        if protocol in subject.protocols
    }
