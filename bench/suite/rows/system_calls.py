"""System calls of the bridge for each echo, in steady state."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from suite import measures, targets
from suite.client import Client
from suite.errors import MeasurementError
from suite.peers import Server, Subject, serving
from suite.processes import DEADLINE
from suite.rotation import in_turn
from suite.row import Context, Row
from suite.statistics import medians


def measure(context: Context) -> list[Row]:
    details: list[str] = []

    def count(subject: Subject) -> float:
        with serving(subject, context.program) as server:
            return _calls_per_echo(context, server, details)

    values = medians(in_turn(1, measures.of_each(context, count)))
    return [targets.bounded("system calls per echo", "calls", values, 8, details[0])]


def _calls_per_echo(context: Context, server: Server, details: list[str]) -> float:
    echoes = context.count(1000, 20)
    tracer = _Tracer(server)
    Client(context.client).echo_between(server.line(), echoes, tracer.attach, tracer.detach)
    calls = tracer.calls()
    details.append(", ".join(f"{count / echoes:.2f} {name}" for name, count in calls.items()))
    return sum(calls.values()) / echoes


class _Tracer:
    """strace, with a running process."""

    def __init__(self, server: Server) -> None:
        self._pid = server.pid
        self._counts = server.folder / "strace"
        self._process: subprocess.Popen[str] | None = None

    def attach(self) -> None:
        options = ["-f", "-c", "-U", "calls,name", "-o", str(self._counts)]
        self._process = subprocess.Popen(
            ["strace", *options, "-p", str(self._pid)], stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        said = self._process.stderr.readline()
        if "attached" not in said:
            self._process.wait(DEADLINE)
            raise MeasurementError(said.strip())

    def detach(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=DEADLINE)

    def calls(self) -> dict[str, int]:
        """How many of each."""
        return _parse(self._counts)


def _parse(table: Path) -> dict[str, int]:
    counts = {}
    for line in table.read_text().splitlines():
        words = line.split()
        if len(words) == 2 and words[0].isdigit() and words[1] != "total":
            counts[words[1]] = int(words[0])
    return counts
