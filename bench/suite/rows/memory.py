"""Resident memory of the bridge with one board, idle."""

from __future__ import annotations

from suite import targets
from suite.board import Board, running_board
from suite.processes import mebibytes
from suite.row import BRIDGE, Context, Row
from suite.terminal import RAW_PROMPT, Terminal

_FIGURE = "resident memory, idle"


def measure(context: Context) -> list[Row]:
    with running_board(context) as board:
        rows = [_row("after the start", board)]
        with board.terminal() as terminal:
            terminal.enter_raw_repl()
            _reset(terminal, 1)
            rows.append(_row("after a reset", board))
            resets = context.count(100, 3)
            _reset(terminal, resets - 1)
            rows.append(_row(f"after {resets} resets", board))
    return rows


def _reset(terminal: Terminal, times: int) -> None:
    for _ in range(times):
        terminal.write(b"\x04")
        terminal.read_until(RAW_PROMPT)


def _row(when: str, board: Board) -> Row:
    board.wait_until_quiet()
    values = {
        BRIDGE: mebibytes(board.pid, "smaps_rollup", "Rss"),
        "Pss": mebibytes(board.pid, "smaps_rollup", "Pss"),
        "RssAnon": mebibytes(board.pid, "status", "RssAnon"),
    }
    return targets.bounded(f"{_FIGURE}, {when}", "MiB", values, 6)
