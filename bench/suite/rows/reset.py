"""A soft reset in the raw REPL until its prompt, beside a start of MicroPython by hand."""

from __future__ import annotations

import os
import pty
import signal
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from suite import targets
from suite.board import running_board
from suite.errors import MeasurementError
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import medians
from suite.terminal import RAW_PROMPT, Terminal

_START = "start of MicroPython"
_END = "its end after Ctrl-D"
_SOFT_RESET = b"\x04"


@dataclass(frozen=True)
class _Case:
    name: str
    standby: int
    share: float
    """Of a start by hand."""


_CASES = (_Case("with standby", 1, 0.15), _Case("without standby", 0, 1.2))


def measure(context: Context) -> list[Row]:
    with ExitStack() as stack:
        measures: dict[str, Callable[[], float]] = {_START: partial(_start, context), _END: partial(_end, context)}
        for case in filter(partial(_is_offered, context), _CASES):
            measures[case.name] = _reset_of(case, context, stack)
        values = medians(in_turn(context.rounds * context.count(10, 2), measures, needed=tuple(measures)))
    return [_row(case, values) for case in _CASES]


def _row(case: _Case, values: dict[str, float]) -> Row:
    figure = f"soft reset until the raw prompt, {case.name}"
    if case.name not in values:
        return targets.not_measured(figure, "ms", f"≤ {case.share:g} × {_START}", "not supported")
    shown = {BRIDGE: values[case.name], _START: values[_START], _END: values[_END]}
    return targets.at_most(figure, "ms", shown, case.share, _START)


def _is_offered(context: Context, case: _Case) -> bool:
    try:
        with running_board(context, "--standby", str(case.standby)):
            return True
    except MeasurementError:
        return False


def _reset_of(case: _Case, context: Context, stack: ExitStack) -> Callable[[], float]:
    board = stack.enter_context(running_board(context, "--standby", str(case.standby)))
    terminal = stack.enter_context(board.terminal())
    terminal.enter_raw_repl()
    settle = partial(board.wait_until_quiet, processes=1 + case.standby)
    settle()
    return partial(_reset, terminal, settle)


def _reset(terminal: Terminal, settle: Callable[[], None]) -> float:
    """Settles afterwards: the next standby is not to start while something else is measured."""
    begin = time.perf_counter()
    terminal.write(_SOFT_RESET)
    terminal.read_until(RAW_PROMPT)
    duration = time.perf_counter() - begin
    settle()
    return duration * 1e3


def _start(context: Context) -> float:
    begin = time.perf_counter()
    with _by_hand(context):
        return (time.perf_counter() - begin) * 1e3


def _end(context: Context) -> float:
    """It is part of every soft reset: files are closed and finalisers run, then the next one starts."""
    with _by_hand(context) as (pid, terminal):
        terminal.enter_raw_repl()
        begin = time.perf_counter()
        terminal.write(_SOFT_RESET)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        return (time.perf_counter() - begin) * 1e3


@contextmanager
def _by_hand(context: Context) -> Iterator[tuple[int, Terminal]]:
    """MicroPython on a bare PTY, at its prompt."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    program = str(context.micropython)
    on_the_pty = [(os.POSIX_SPAWN_DUP2, slave, stream) for stream in range(3)]
    with Terminal(master, lambda: os.close(master)) as terminal:
        pid = os.posix_spawn(program, [program], os.environ, file_actions=on_the_pty, setsid=True)
        try:
            terminal.read_until(b">>> ")
            yield pid, terminal
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(slave)
