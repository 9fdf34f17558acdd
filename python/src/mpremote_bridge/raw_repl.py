"""MicroPython's raw REPL, spoken over the bridge's raw socket."""

import re
import socket
import time
from types import TracebackType

from .errors import BoardError, BridgeError

__tracebackhide__ = True  # for pytest, which then shows the line of the test

_INTERRUPT, _RAW, _FRIENDLY, _END = b"\x03", b"\x01", b"\x02", b"\x04"
_RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
_FRIENDLY_PROMPT = b">>> "
_BUSY = b"Error: Device busy"
_SHOWN = 1000  # of what came instead


class RawRepl:
    """A client that has the board in its raw REPL: a running program is interrupted, variables stay.

    The board is in the friendly REPL again at the end, unless it did not answer. All together may take `timeout`
    seconds. A connection that ends is a ConnectionError.
    """

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._received = b""
        self._socket = socket.create_connection((host, port), timeout)

    def __enter__(self) -> "RawRepl":
        try:
            self._send(b"\r" + _INTERRUPT + b"\r" + _RAW)
            self._read_through(_RAW_PROMPT)
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with self._socket:
            if error is None or isinstance(error, BoardError):
                self._send(_FRIENDLY)
                self._read_through(_FRIENDLY_PROMPT)

    def run(self, code: str) -> tuple[str, str]:
        """What the code printed, and its traceback or nothing."""
        self._send(code.encode() + b"\n" + _END)  # no code at all would be a soft reset
        self._read_through(b"OK")
        output = self._read_through(_END, _RAW_PROMPT)
        if output.endswith(_RAW_PROMPT):
            raise _restarted(output)
        traceback = self._read_through(_END)
        if self._read_through(b">").endswith(_RAW_PROMPT):
            raise _restarted(output)
        return _text(output), _text(traceback)

    def _send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def _read_through(self, *endings: bytes) -> bytes:
        """Take what has come up to and including the first of these."""
        pattern = re.compile(b"|".join(map(re.escape, endings)))
        while not (found := pattern.search(self._received)):
            self._receive()
        taken, self._received = self._received[: found.end()], self._received[found.end() :]
        return taken

    def _receive(self) -> None:
        left = self._deadline - time.monotonic()
        try:
            self._socket.settimeout(max(left, 0.001))
            chunk = self._socket.recv(1 << 16)
        except TimeoutError:
            raise TimeoutError(f"the board took longer than {self._timeout} s; {self._shown()}") from None
        if chunk:
            self._received += chunk
        elif _BUSY in self._received:
            raise BridgeError("the board is busy: close what serial() gave before exec(), eval() or reset()")
        else:
            raise ConnectionError(f"the bridge closed the connection; {self._shown()}")

    def _shown(self) -> str:
        return f"it printed {_text(self._received[-_SHOWN:])!r}"


def _text(data: bytes) -> str:
    return data.removesuffix(_END).decode(errors="replace")


def _restarted(output: bytes) -> BoardError:
    printed = _text(output.removesuffix(_RAW_PROMPT))
    return BoardError("the board restarted before the code came to its end", printed)
