"""A board as tests see it."""

import ast
import socket
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from serial import Serial, serial_for_url

from .bridge import HOST, Bridge
from .errors import BoardError, BridgeError
from .raw_repl import RawRepl

__tracebackhide__ = True  # for pytest, which then shows the line of the test

_BREAK = b"\xff\xf3"  # telnet's IAC BRK; the bridge presses the reset button
_TIMEOUT = 10.0


class Board:
    """A MicroPython that is reached as a board is, through a serial port on the network.

    It has one client at a time: while a port of serial() is open, exec(), eval() and reset() are BridgeErrors.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._serial_ports: list[Serial] = []
        self.closed = False

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the board and its bridge."""
        self.closed = True
        try:
            for port in self._serial_ports:
                port.close()
        finally:
            self._bridge.stop()

    # -- where it is

    @property
    def root(self) -> Path:
        """The directory that is / on the board."""
        return self._bridge.root

    @property
    def port(self) -> int:
        """TCP port of RFC 2217."""
        return self._bridge.port

    @property
    def socket_port(self) -> int:
        """TCP port of the raw socket."""
        return self._bridge.socket_port

    @property
    def url(self) -> str:
        """rfc2217://..., for pyserial, mpremote and others."""
        return f"rfc2217://{HOST}:{self.port}"

    @property
    def socket_url(self) -> str:
        """socket://..., quicker to open than `url`, and without serial port settings."""
        return f"socket://{HOST}:{self.socket_port}"

    @property
    def pid(self) -> int:
        """Process of the bridge."""
        return self._bridge.pid

    @property
    def log(self) -> str:
        """The bridge's log so far; pytest shows it with a test that failed."""
        return self._bridge.log

    # -- what it does

    def exec(self, code: str, timeout: float = _TIMEOUT) -> str:
        """Run code, which may be indented as a whole, and return what it printed.

        Variables stay for the next call. An exception is a BoardError here; what takes longer than `timeout` seconds
        is a TimeoutError, and is interrupted by the next call.
        """
        with self._reached(), RawRepl(HOST, self.socket_port, timeout) as repl:
            output, traceback = repl.run(textwrap.dedent(code))
        if traceback:
            raise BoardError("the code raised an exception on the board:", output, traceback)
        return output

    def eval(self, expression: str, timeout: float = _TIMEOUT) -> Any:
        """The value of an expression, which must be made of numbers, strings, bytes, tuples, lists, dicts and so on."""
        answer = self.exec(f"print(repr({expression}))", timeout)
        try:
            return ast.literal_eval(answer.strip())
        except (SyntaxError, ValueError):
            raise ValueError(f"{expression} is not a literal on the board: {answer.strip()}") from None

    def reset(self, timeout: float = _TIMEOUT) -> None:
        """Press the reset button, which works whatever the board does; returns when it is at its prompt again."""
        with self._reached(), socket.create_connection((HOST, self.port), timeout) as connection:
            connection.sendall(_BREAK)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
        self.exec("", timeout)

    def serial(self, timeout: float | None = _TIMEOUT, **settings: Any) -> Serial:
        """An open port of pyserial, for a `with`; it is closed with the board at the latest.

        It gets what the board prints from now on. send_break() presses the reset button.
        """
        with self._reached(), catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # pyserial's own
            port = serial_for_url(self.url, timeout=timeout, **settings)
        self._serial_ports.append(port)
        return port

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """A connection that failed because the bridge has ended is a BridgeError."""
        try:
            yield
        except OSError as error:
            if isinstance(error, TimeoutError) or not self._bridge.has_ended(within=1):
                raise
            raise BridgeError(self._bridge.how_it_ended()) from error
