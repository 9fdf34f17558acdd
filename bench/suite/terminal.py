"""A client that talks to a REPL."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable

from suite.errors import MeasurementError
from suite.peers import LOCALHOST
from suite.processes import DEADLINE

RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
_ENTER_RAW_REPL = b"\r\x01"
_AT_ONCE = 4096


class Terminal:
    """Writes to a descriptor and reads from it, with a deadline."""

    def __init__(self, descriptor: int, close: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._close = close
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    @classmethod
    def of_socket(cls, port: int) -> Terminal:
        connection = socket.create_connection((LOCALHOST, port), DEADLINE)
        connection.setblocking(True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(connection.fileno(), connection.close)

    @classmethod
    def of_device(cls, path: str) -> Terminal:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        return cls(descriptor, lambda: os.close(descriptor))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, data: bytes) -> None:
        os.write(self._descriptor, data)

    def read_until(self, ending: bytes) -> bytes:
        end = time.monotonic() + DEADLINE
        read = b""
        while not read.endswith(ending):
            if not self._poll.poll(max(0, end - time.monotonic()) * 1000):
                raise MeasurementError(f"waited for {ending!r}, got {read[-200:]!r}")
            some = os.read(self._descriptor, _AT_ONCE)
            if not some:
                raise MeasurementError(f"closed, after {read[-200:]!r}")
            read += some
        return read

    def enter_raw_repl(self) -> None:
        self.write(_ENTER_RAW_REPL)
        self.read_until(RAW_PROMPT)
