"""Starts boards, and ends them all."""

from collections.abc import Callable, Sequence
from pathlib import Path

from .board import Board
from .bridge import Bridge, Programs

__tracebackhide__ = True  # for pytest, which then shows the line of the test


class BoardFactory:
    """Each call starts one more board, with these options of mpremote-bridge besides the usual ones."""

    def __init__(self, programs: Programs, make_folder: Callable[[], Path], options: Sequence[str] = ()) -> None:
        self._programs = programs
        self._make_folder = make_folder
        self._options = options
        self._boards: list[Board] = []

    def __call__(self, *options: str) -> Board:
        board = Board(Bridge(self._programs, self._make_folder(), [*self._options, *options]))
        self._boards.append(board)
        return board

    @property
    def boards(self) -> list[Board]:
        """Those that were started and not closed."""
        return [board for board in self._boards if not board.closed]
