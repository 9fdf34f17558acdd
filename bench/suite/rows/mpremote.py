"""`mpremote … exec` end to end, beside the same with a server that answers from memory."""

from __future__ import annotations

import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from suite import targets
from suite.board import Board, running_board
from suite.errors import MeasurementError
from suite.floor import FLOOR, PTY, RFC2217, SOCKET, address, memory_board
from suite.peers import RAW
from suite.processes import DEADLINE
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import medians

_MOST_ABOVE_THE_FLOOR = 1.02


@dataclass(frozen=True)
class _Connection:
    kind: str
    count: int
    """How often to measure in a round: the quicker, the more often, for the share is the same."""
    has_target: bool


_CONNECTIONS = (_Connection(SOCKET, 4, True), _Connection(RFC2217, 2, False), _Connection(PTY, 15, True))
_MODES = {"resume": ("resume",), "soft reset": ()}


def measure(context: Context) -> list[Row]:
    rows = []
    for connection in _CONNECTIONS:
        with ExitStack() as stack:
            board = stack.enter_context(running_board(context))
            floor = stack.enter_context(memory_board(connection.kind))
            subjects = {BRIDGE: _address(board, connection.kind), FLOOR: floor}
            rows += [_row(context, connection, mode, subjects) for mode in _MODES]
    return rows


def _address(board: Board, kind: str) -> str:
    ports = board.server.ports
    where = {SOCKET: ports[RAW], RFC2217: ports[RFC2217]}
    return address(kind, board.device() if kind == PTY else where[kind])


def _row(context: Context, connection: _Connection, mode: str, subjects: dict[str, str]) -> Row:
    measures = {name: partial(_run, context, subject, _MODES[mode]) for name, subject in subjects.items()}
    count = context.rounds * context.count(connection.count, 1)
    values = medians(in_turn(count, measures, needed=tuple(measures)))
    figure = f"mpremote exec, {connection.kind}, {mode}"
    if connection.has_target:
        return targets.at_most(figure, "ms", values, _MOST_ABOVE_THE_FLOOR, FLOOR)
    return Row(figure, "ms", values, "—", None, values[BRIDGE] / values[FLOOR])


def _run(context: Context, subject: str, options: tuple[str, ...]) -> float:
    command = [str(context.scripts / "mpremote"), "connect", subject, *options, "exec", "print(1)"]
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * DEADLINE, check=False)
    duration = time.perf_counter() - begin
    if done.stdout.strip() != "1":
        raise MeasurementError(f"mpremote at {subject}: {done.stdout}{done.stderr}")
    return duration * 1e3
