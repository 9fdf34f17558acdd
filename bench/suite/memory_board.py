"""A board that answers from memory: what a client takes at least, with a server that takes next to nothing.

Run as `memory_board.py socket|rfc2217|pty`; says where it can be reached, then serves one client after the other.
"""

from __future__ import annotations

import os
import pty
import socket
import sys
import tty
from collections.abc import Callable
from types import SimpleNamespace

from serial import PARITY_NONE
from serial.rfc2217 import PortManager

_AT_ONCE = 65536

_BANNER = (
    b"\r\nMicroPython v1.28.0 on 2026-04-08; linux [GCC 14.2.1] version\r\n"
    b'Type "help()" for more information.\r\n'
)
_FRIENDLY_PROMPT = b">>> "
_RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
_REBOOT = b"MPY: soft reboot\r\n"
_PRINTED = b"1\n"

_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D, _CTRL_E = range(1, 6)
_PASTE_REQUEST = b"\x05A\x01"
_PASTE_WINDOW = 128
_PASTE_ACCEPTED = b"R\x01" + _PASTE_WINDOW.to_bytes(2, "little") + b"\x01"


class MemoryBoard:
    """The REPL as mpremote uses it. All code prints the same."""

    def __init__(self) -> None:
        self._take: Callable[[int], bytes] = self._friendly
        self._taken = bytearray()

    def answer(self, data: bytes) -> bytes:
        return b"".join(self._take(byte) for byte in data)

    def _friendly(self, byte: int) -> bytes:
        if byte == _CTRL_A:
            return b"\r\n" + self._go_on(self._raw, _RAW_PROMPT)
        if byte == _CTRL_B:
            return _BANNER + _FRIENDLY_PROMPT
        if byte == _CTRL_D:
            return b"\r\n" + _REBOOT + _BANNER + _FRIENDLY_PROMPT
        return b"\r\n" + _FRIENDLY_PROMPT if byte in b"\r\x03" else bytes([byte])

    def _raw(self, byte: int) -> bytes:
        if byte == _CTRL_A:
            if self._taken + b"\x01" == _PASTE_REQUEST:
                return self._go_on(self._paste, _PASTE_ACCEPTED)
            return self._go_on(self._raw, _RAW_PROMPT)
        if byte == _CTRL_B:
            return self._go_on(self._friendly, _BANNER + _FRIENDLY_PROMPT)
        if byte == _CTRL_C:
            self._taken.clear()
        elif byte == _CTRL_D:
            done = _PRINTED + b"\x04\x04>" if self._taken else b"\r\n" + _REBOOT + _RAW_PROMPT
            return self._go_on(self._raw, b"OK" + done)
        else:
            self._taken.append(byte)
        return b""

    def _paste(self, byte: int) -> bytes:
        if byte == _CTRL_D:
            return self._go_on(self._raw, b"\x04" + _PRINTED + b"\x04\x04>")
        self._taken.append(byte)
        return b"\x01" if len(self._taken) % _PASTE_WINDOW == 0 else b""

    def _go_on(self, take: Callable[[int], bytes], answer: bytes) -> bytes:
        self._taken.clear()
        self._take = take
        return answer


def _serve_pty() -> None:
    master, slave = pty.openpty()  # the slave stays open, so that no client's leaving ends it
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    board = MemoryBoard()
    while data := os.read(master, _AT_ONCE):
        os.write(master, board.answer(data))


def _serve_tcp(serve: Callable[[socket.socket, MemoryBoard], None]) -> None:
    board = MemoryBoard()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    serve(connection, board)
                except ConnectionError:
                    pass  # the client left without reading all, as it may


def _serve_raw(connection: socket.socket, board: MemoryBoard) -> None:
    while data := connection.recv(_AT_ONCE):
        connection.sendall(board.answer(data))


def _serve_rfc2217(connection: socket.socket, board: MemoryBoard) -> None:
    manager = PortManager(_SerialPort(), SimpleNamespace(write=connection.sendall))
    while data := connection.recv(_AT_ONCE):
        answer = board.answer(b"".join(manager.filter(data)))
        connection.sendall(b"".join(manager.escape(answer)))


class _SerialPort(SimpleNamespace):
    """All that pyserial's server wants to know of a port."""

    def __init__(self) -> None:
        super().__init__(
            baudrate=115200,
            bytesize=8,
            parity=PARITY_NONE,
            stopbits=1,
            xonxoff=False,
            rtscts=False,
            dtr=False,
            rts=False,
            break_condition=False,
            cts=True,
            dsr=True,
            ri=False,
            cd=True,
        )

    def reset_input_buffer(self) -> None:
        """There is none."""

    def reset_output_buffer(self) -> None:
        """There is none."""


_SERVERS = {
    "pty": _serve_pty,
    "socket": lambda: _serve_tcp(_serve_raw),
    "rfc2217": lambda: _serve_tcp(_serve_rfc2217),
}

if __name__ == "__main__":
    _SERVERS[sys.argv[1]]()
