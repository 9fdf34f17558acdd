"""Open and close of pyserial's `rfc2217://`, without the time in which the client itself sleeps."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import SupportsIndex

import serial

from suite import targets
from suite.board import running_board
from suite.floor import FLOOR, RFC2217, address, memory_board
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row


@dataclass
class _Sleeps:
    """Those of the thread that opens and closes, as long as they really took."""

    durations: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class _Sample:
    awake: float
    """In milliseconds, as the other one."""
    asleep: float
    sleeps: int


def measure(context: Context) -> list[Row]:
    with ExitStack() as stack:
        board = stack.enter_context(running_board(context))
        subjects = {
            BRIDGE: address(RFC2217, board.server.ports[RFC2217]),
            FLOOR: stack.enter_context(memory_board(RFC2217)),
        }
        measures = {name: partial(_open_and_close, url) for name, url in subjects.items()}
        samples = in_turn(context.rounds * context.count(3, 1), measures, needed=tuple(measures))
    values = {name: median(sample.awake for sample in its) for name, its in samples.items()}
    note = "; ".join(f"{name} sleeps {_described(its)}" for name, its in samples.items())
    return [targets.bounded("pyserial rfc2217:// open and close, without its sleeps", "ms", values, 10, note)]


def _described(samples: list[_Sample]) -> str:
    times = median(sample.sleeps for sample in samples)
    return f"{times:g} times, {median(sample.asleep for sample in samples):.0f} ms"


def _open_and_close(url: str) -> _Sample:
    with _recorded_sleeps() as sleeps:
        begin = time.perf_counter()
        serial.serial_for_url(url, baudrate=115200).close()
        duration = time.perf_counter() - begin
    asleep = sum(sleeps.durations)
    return _Sample((duration - asleep) * 1e3, asleep * 1e3, len(sleeps.durations))


@contextmanager
def _recorded_sleeps() -> Iterator[_Sleeps]:
    """pyserial waits by time.sleep() alone, but for the end of its reader's thread."""
    sleep, thread, sleeps = time.sleep, threading.current_thread(), _Sleeps()

    def recorded(seconds: SupportsIndex | float, /) -> None:
        begin = time.perf_counter()
        sleep(seconds)
        if threading.current_thread() is thread:
            sleeps.durations.append(time.perf_counter() - begin)

    time.sleep = recorded
    try:
        yield sleeps
    finally:
        time.sleep = sleep
