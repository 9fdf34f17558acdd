"""Wake-ups and CPU time of the bridge while nothing happens, with a client on each port and without."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import serial

from suite import processes, targets
from suite.board import Board, running_board
from suite.peers import LOCALHOST, RFC2217
from suite.row import BRIDGE, Context, Row
from suite.terminal import Terminal
from suite.waiting import wait_until

_QUIET = 1.0
"""Seconds without a wake-up, after which what a client's coming has set off is over."""


def measure(context: Context) -> list[Row]:
    seconds = context.count(5, 1)
    clients = {
        "no client": _nobody,
        "raw client": _raw_client,
        "RFC 2217 client": _rfc2217_client,
        "PTY client": _pty_client,
    }
    with running_board(context) as board:
        figures = {}
        for name, client in clients.items():
            with client(board):
                figures[name] = _idle(board.pid, seconds)
    return [
        row
        for name, (wake_ups, nanoseconds) in figures.items()
        for row in (
            targets.bounded(f"wake-ups while idle, {name}", "per s", {BRIDGE: wake_ups / seconds}, 0),
            targets.bounded(f"CPU while idle, {name}", "µs per s", {BRIDGE: nanoseconds / seconds / 1e3}, 0),
        )
    ]


def _idle(pid: int, seconds: int) -> tuple[int, int]:
    """How often it woke up meanwhile, and how many nanoseconds it ran."""
    _wait_until_quiet(pid)
    before = _wake_ups(pid), processes.cpu_nanoseconds(pid)
    time.sleep(seconds)
    return _wake_ups(pid) - before[0], processes.cpu_nanoseconds(pid) - before[1]


def _wait_until_quiet(pid: int) -> None:
    seen = _wake_ups(pid)
    since = time.monotonic()

    def is_quiet() -> bool:
        nonlocal seen, since
        now = _wake_ups(pid)
        if now != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since > _QUIET

    wait_until(is_quiet, "a second without a wake-up")


def _wake_ups(pid: int) -> int:
    return sum(_switches(task / "status") for task in Path(f"/proc/{pid}/task").iterdir())


def _switches(status: Path) -> int:
    lines = status.read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if "voluntary_ctxt_switches" in line)


@contextmanager
def _nobody(board: Board) -> Iterator[None]:
    yield


@contextmanager
def _raw_client(board: Board) -> Iterator[None]:
    with board.terminal() as terminal:
        _use(terminal)
        yield


@contextmanager
def _pty_client(board: Board) -> Iterator[None]:
    with Terminal.of_device(board.device()) as terminal:
        _use(terminal)
        yield


def _use(terminal: Terminal) -> None:
    terminal.write(b"6*7\r")
    terminal.read_until(b"42\r\n>>> ")


@contextmanager
def _rfc2217_client(board: Board) -> Iterator[None]:
    url = f"rfc2217://{LOCALHOST}:{board.server.ports[RFC2217]}"
    with serial.serial_for_url(url, timeout=processes.DEADLINE) as port:
        port.write(b"6*7\r")
        port.read_until(b"42\r\n>>> ")
        yield
