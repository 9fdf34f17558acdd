"""What a service manager does for the bridge: it listens for its messages, and passes sockets on to it."""

import socket
import subprocess
import time

import pytest

from .waiting import DEADLINE


class Manager:
    """Listens where NOTIFY_SOCKET says."""

    def __init__(self, address):
        self.address = str(address)
        self.heard = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address.replace("@", "\0", 1) if self.address[0] == "@" else self.address)

    def close(self):
        self._socket.close()

    def next(self, deadline=DEADLINE):
        """The next message, as the list of its lines."""
        self._socket.settimeout(deadline)
        try:
            self.heard.append(self._socket.recv(4096).decode().split("\n"))
        except socket.timeout:
            raise AssertionError(f"no more messages within {deadline} s after {self.heard}") from None
        return self.heard[-1]

    def wait_for(self, line, deadline=DEADLINE):
        """Wait for a message with this line; returns the message."""
        end = time.monotonic() + deadline
        while line not in self.next(end - time.monotonic()):
            pass
        return self.heard[-1]


def pass_sockets(sockets, names=None, count=None, pid="$$"):
    """Keyword arguments with which a bridge is started as if a service manager passed these on."""
    # A shell moves them to where they have to be, by way of free places, and becomes the bridge, whose PID it knows.
    own = [each.fileno() for each in sockets]
    aside = " ".join(f"{100 + i}<&{fd}" for i, fd in enumerate(own))
    closed = " ".join(f"{fd}<&-" for fd in own)
    back = " ".join(f"{3 + i}<&{100 + i} {100 + i}<&-" for i in range(len(own)))
    variables = [f"LISTEN_PID={pid}", f"LISTEN_FDS='{len(sockets) if count is None else count}'"]
    if names is not None:
        variables.append(f"LISTEN_FDNAMES='{names}'")
    script = f'export {" ".join(variables)}; exec {aside}; exec {closed}; exec {back}; exec "$@"'
    return {"through": ["bash", "-c", script, "bash"], "pass_fds": set(own)}


def analyze(*words):
    """Runs systemd-analyze; skips the test where there is none."""
    try:
        return subprocess.run(
            ["systemd-analyze", *map(str, words)], capture_output=True, text=True, timeout=DEADLINE, check=False
        )
    except FileNotFoundError:
        return pytest.skip("systemd-analyze is not installed")
