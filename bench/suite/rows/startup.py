"""From the start of the process until it listens on all its ports."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from pathlib import Path

from suite import processes, targets, tcp_ports
from suite.errors import MeasurementError
from suite.peers import RAW, RFC2217, bridge
from suite.rotation import in_turn
from suite.row import BRIDGE, Context, Row
from suite.statistics import medians

_LISTENS = b"Waiting for connection..."


def measure(context: Context) -> list[Row]:
    values = medians(in_turn(context.rounds * context.count(5, 1), {BRIDGE: lambda: _start(context)}))
    return [targets.bounded("start to listening", "ms", values, 10)]


def _start(context: Context) -> float:
    """The log tells at once when all is open; to ask the kernel again and again would take longer."""
    ports = dict(zip((RAW, RFC2217), tcp_ports.free(2)))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = bridge(context.bridge).with_options("-v").command(context.micropython, ports, Path(folder))
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        try:
            _wait_for_the_log(process)
            duration = time.perf_counter() - begin
            if not all(map(tcp_ports.is_listening, ports.values())):
                raise MeasurementError("said that it listens, and does not")
            return duration * 1e3
        finally:
            processes.end(process)


def _wait_for_the_log(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    log = b""
    while _LISTENS not in log:
        ready, _, _ = select.select([process.stderr], [], [], processes.DEADLINE)
        some = os.read(process.stderr.fileno(), 4096) if ready else b""
        if not some:
            raise MeasurementError(log.decode(errors="replace"))
        log += some
