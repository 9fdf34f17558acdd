"""TCP ports of this machine: free ones, and those that are listened to."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from pathlib import Path

from suite import processes
from suite.errors import MeasurementError

_BELOW_EPHEMERAL = range(20000, 32000)
"""No outgoing connection takes one of these between the choice and its use."""

_LISTENING = "0A"


def free(count: int) -> list[int]:
    candidates = random.sample(_BELOW_EPHEMERAL, len(_BELOW_EPHEMERAL))
    return [port for port, _ in zip(filter(_is_free, candidates), range(count))]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_listening(port: int) -> bool:
    """Seen from outside: a connection would already be a client."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state = line.split()[:4]
            if state == _LISTENING and int(local.rsplit(":", 1)[1], 16) == port:
                return True
    return False


def wait_until_listening(ports: list[int], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + processes.DEADLINE
    while not all(is_listening(port) for port in ports):
        _pause_or_end(process)
        processes.check_alive(process, log)
        if time.monotonic() > end:
            raise MeasurementError("does not listen")


def _pause_or_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.002)
    except subprocess.TimeoutExpired:
        pass
