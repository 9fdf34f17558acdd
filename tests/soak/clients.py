"""Clients of all kinds, which are used alike: RawClient of the end-to-end tests is the model."""

import socket
import struct
import time
from contextlib import contextmanager, nullcontext

import serial
from support.client import RawClient
from support.device import DeviceClient
from support.telnet import TelnetClient
from support.waiting import DEADLINE

from soak import control
from soak.errors import Excused, Refused
from soak.world import OUR_ADDRESS, STRANGER_ADDRESS

_PATIENCE = 0.05
_MOST_BLOCKS = 8192  # in a transfer
_NO_ANSWER = b"does not answer as RFC 2217 asks for"
_TOO_LONG = 1.0
"""Seconds; pyserial gives a server of RFC 2217 three to answer, mpremote-attach five, and the machine may be busy."""


class _OurSocket:
    """A socket whose address says that it is one of ours."""

    most_blocks = _MOST_BLOCKS

    @staticmethod
    def _open(host, port, receive_buffer):
        sock = socket.socket()
        sock.settimeout(DEADLINE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.bind((OUR_ADDRESS, 0))
        sock.connect((host, port))
        return sock

    def reset(self):
        """Close with RST in place of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Raw(_OurSocket, RawClient):
    """The raw port."""


class Telnet(_OurSocket, TelnetClient):
    """The RFC 2217 port."""


class Pyserial(RawClient):
    """pyserial's own network ports. Setting a time limit again would make it negotiate again."""

    def __init__(self, url):  # pylint: disable=super-init-not-called
        self.buffer = bytearray()
        self.closed_by_peer = False
        self.port = serial.serial_for_url(url, timeout=_PATIENCE)
        over_telnet = url.startswith("rfc2217")
        self._piece = 1 if over_telnet else 1024
        self.most_blocks = 256 if over_telnet else 1024  # it is slow

    def send(self, data):
        self.port.write(data)

    def close(self):
        self.port.close()

    def receive_some(self, deadline=DEADLINE, limit=1 << 16):
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            try:
                chunk = self.port.read(max(self._piece, self.port.in_waiting))
            except serial.SerialException:
                self.closed_by_peer = True
                return False
            if chunk:
                self._incoming(chunk)
                return True
        raise AssertionError(f"nothing came within {deadline:.1f} s; so far {bytes(self.buffer[-2000:])!r}")


class Device(DeviceClient):
    """A serial device, locked as pyserial does it."""

    most_blocks = _MOST_BLOCKS

    def __init__(self, path):
        try:
            super().__init__(path)
        except OSError as error:  # it is locked, or is being made anew
            raise Refused from error
        try:
            self.lock()
        except BlockingIOError as error:
            self.close()
            raise Refused from error


def _url(world, kind):
    return f"{kind}://{STRANGER_ADDRESS}:{world.bridge.port_of(kind)}"


OPEN = {
    "raw": lambda world: Raw(world.bridge.socket_port),
    "RFC 2217": lambda world: Telnet(world.bridge.port),
    "pyserial socket://": lambda world: Pyserial(_url(world, "socket")),
    "pyserial rfc2217://": lambda world: Pyserial(_url(world, "rfc2217")),
    "serial device": lambda world: Device(world.link),
    "mpremote-attach, raw": lambda world: Device(world.attached["socket"].path),
    "mpremote-attach, RFC 2217": lambda world: Device(world.attached["rfc2217"].path),
}
OURS = ("raw", "RFC 2217")
DEVICES = ("serial device", "mpremote-attach, raw", "mpremote-attach, RFC 2217")
STRANGERS = tuple(kind for kind in OPEN if kind not in (*OURS, "serial device"))


@contextmanager
def visit(world, kind):
    """A client that has the board, at its friendly prompt; Refused when somebody else has it."""
    client = _enter(world, kind)
    try:
        yield client
    finally:
        client.close()


def _enter(world, kind):
    since, begin, client = world.log_position(), time.monotonic(), None
    with world.strangers if kind in STRANGERS else nullcontext():
        try:
            client = OPEN[kind](world)
            if kind == "RFC 2217":
                client.agree_com_port()
            control.take(world, client)
            return client
        except (AssertionError, OSError) as error:  # pyserial's errors are OSErrors, too
            refused = _was_refused(world, client, kind, since)
            if refused and kind in OURS:
                raise Refused(client) from error
            if client:
                client.close()
            if refused:
                raise Refused from error
            if _gave_up(client, kind) and world.seconds_stopped(begin) > _TOO_LONG:
                raise Excused from error
            raise


def _gave_up(client, kind):
    """Whether it is a client of RFC 2217 with a time limit that got no answer within it."""
    if kind == "pyserial rfc2217://":
        return not client
    return client and _NO_ANSWER in client.buffer


def _was_refused(world, client, kind, since):
    if client and control.BUSY in client.buffer:
        return True
    if kind == "serial device":
        return world.log_says(since, "Rejected pty connection")
    if kind in OURS:
        return bool(client) and world.was_rejected(since, f"{OUR_ADDRESS}:{client.local_port}")
    return world.was_rejected(since, STRANGER_ADDRESS)
