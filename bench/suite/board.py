"""This bridge with MicroPython behind it, and what goes on in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from suite.peers import Server, bridge, serving
from suite.processes import children
from suite.row import Context
from suite.terminal import Terminal
from suite.waiting import wait_until

_DEVICE = re.compile(r"PTY port at (/dev/pts/\d+)")

_LOOKS = 3
"""How often in a row a process is to be seen asleep: between two steps it may be for a moment."""


@dataclass(frozen=True)
class Board:
    """A bridge that runs."""

    server: Server

    @property
    def pid(self) -> int:
        return self.server.pid

    def terminal(self) -> Terminal:
        """A client of the raw port."""
        return Terminal.of_socket(self.server.ports["raw"])

    def device(self) -> str:
        """The name of its serial device."""
        wait_until(lambda: self._find_device() is not None, "the name of the serial device")
        found = self._find_device()
        assert found is not None
        return found

    def _find_device(self) -> str | None:
        found = _DEVICE.search(self.server.log.read_text(errors="replace"))
        return found and found.group(1)

    def processes(self) -> list[int]:
        """The MicroPythons, those on standby included."""
        return children(self.pid)

    def wait_until_quiet(self, processes: int = 1) -> None:
        """Until there are so many MicroPythons at least, and nobody does anything any more."""
        wait_until(
            _several_times(lambda: len(self.processes()) >= processes and self._all_asleep()),
            f"a quiet bridge with {processes} MicroPythons",
        )

    def _all_asleep(self) -> bool:
        return all(_is_asleep(pid) for pid in [self.pid, *self.processes()])


@contextmanager
def running_board(context: Context, *options: str) -> Iterator[Board]:
    """Runs the bridge from when MicroPython is at its prompt."""
    subject = bridge(context.bridge).with_options("-v", *options)
    with serving(subject, context.micropython) as server:
        board = Board(server)
        with board.terminal() as terminal:
            terminal.read_until(b">>> ")
        yield board


def _several_times(is_so: Callable[[], bool]) -> Callable[[], bool]:
    seen = 0

    def look() -> bool:
        nonlocal seen
        seen = seen + 1 if is_so() else 0
        return seen >= _LOOKS

    return look


def _is_asleep(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] == "S"
