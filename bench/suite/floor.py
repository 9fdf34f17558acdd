"""The servers that answer from memory, as processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suite.errors import MeasurementError
from suite.peers import LOCALHOST

FLOOR = "client's floor"
"""The name of the same client with such a server, among the values of a row."""

SOCKET, RFC2217, PTY = "socket", "rfc2217", "pty"


@contextmanager
def memory_board(kind: str) -> Iterator[str]:
    """Yields what a client is told to connect to."""
    program = Path(__file__).with_name("memory_board.py")
    with subprocess.Popen([sys.executable, str(program), kind], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            where = process.stdout.readline().strip()
            if not where:
                raise MeasurementError("the server that answers from memory did not start")
            yield address(kind, where)
        finally:
            process.kill()


def address(kind: str, where: str | int) -> str:
    """The URL of a port, or the device itself."""
    return str(where) if kind == PTY else f"{kind}://{LOCALHOST}:{where}"
