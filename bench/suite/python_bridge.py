"""A plain bridge in Python, to compare with: one client at a time, select, and pyserial's RFC 2217 server.

Started as `python_bridge.py -H HOST -p PORT -s PORT --cwd DIR PROGRAM`. Needs pyserial.
"""

from __future__ import annotations

import argparse
import logging
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tty
from types import FrameType

from serial import rfc2217  # type: ignore[import-untyped]


class SerialLine:
    """What pyserial's server sets and asks of a serial port. Behind it is none, so it only keeps what was set."""

    baudrate = 115200
    bytesize = 8
    parity = "N"
    stopbits = 1
    rtscts = dsrdtr = xonxoff = False
    dtr = rts = break_condition = False
    cts = dsr = cd = True
    ri = False

    def reset_input_buffer(self) -> None:
        pass

    def reset_output_buffer(self) -> None:
        pass


class Board:
    """The program on its PTY."""

    def __init__(self, program: str, cwd: str) -> None:
        self.descriptor, slave = pty.openpty()
        tty.setraw(slave)
        self.process = subprocess.Popen(
            [program], stdin=slave, stdout=slave, stderr=slave, cwd=cwd, start_new_session=True
        )
        os.close(slave)

    def read(self) -> bytes:
        return os.read(self.descriptor, 65536)

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.descriptor, data) :]


class RawClient:
    """A client of the raw port."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def read(self) -> bytes:
        """Nothing at the end."""
        return self.connection.recv(65536)

    def decode(self, data: bytes) -> bytes:
        return data

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)


class Rfc2217Client(RawClient):
    """A client of the RFC 2217 port."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        # The manager writes its answers to what it is given here, as a file.
        self._manager = rfc2217.PortManager(SerialLine(), connection.makefile("wb", buffering=0))

    def decode(self, data: bytes) -> bytes:
        return b"".join(self._manager.filter(data))

    def write(self, data: bytes) -> None:
        super().write(b"".join(self._manager.escape(data)))


def relay(board: Board, client: RawClient) -> None:
    """Until the client leaves."""
    while True:
        connection = client.connection.fileno()
        ready = select.select([connection, board.descriptor], [], [])[0]
        if board.descriptor in ready:
            client.write(board.read())
        if connection in ready:
            data = client.read()
            if not data:
                return
            board.write(client.decode(data))


def serve(board: Board, raw: socket.socket, telnet: socket.socket) -> None:
    """One client after the other."""
    while True:
        for listener in select.select([raw, telnet], [], [])[0]:
            connection = listener.accept()[0]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                client = RawClient(connection) if listener is raw else Rfc2217Client(connection)
                try:
                    relay(board, client)
                except ConnectionError as error:
                    logging.warning("The client has gone: %s", error)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-H", "--host", default="127.0.0.1")
    parser.add_argument("-p", "--port", type=int, default=2217)
    parser.add_argument("-s", "--socket-port", type=int, default=2218)
    parser.add_argument("--cwd", default=".")
    parser.add_argument("program")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    board = Board(options.program, options.cwd)
    try:
        with (
            socket.create_server((options.host, options.socket_port)) as raw,
            socket.create_server((options.host, options.port)) as telnet,
        ):
            serve(board, raw, telnet)
    finally:
        board.process.kill()
        board.process.wait()


if __name__ == "__main__":
    main()
