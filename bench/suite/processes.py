"""Starting and ending processes, and what the kernel says of them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from suite.errors import MeasurementError

DEADLINE = 10.0
"""Seconds for what takes a fraction of one."""

_KIB_PER_MIB = 1024


@contextmanager
def running(command: Sequence[str | Path], log: Path, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is ended with all that is left in it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and see to it."""
    process.terminate()
    try:
        process.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def cpu_nanoseconds(pid: int) -> int:
    """The CPU time of all threads of a process."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def children(pid: int) -> list[int]:
    """The processes that it started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(word) for task in tasks for word in (task / "children").read_text().split()]


def mebibytes(pid: int, file: str, name: str) -> float:
    """A size that a file in /proc gives in KiB."""
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / _KIB_PER_MIB
    raise ValueError(f"no {name} in {file}")


@contextmanager
def busy_cores(client: Path) -> Iterator[None]:
    """One busy process for each core, at normal priority."""
    command = [str(client), "--deadline", "600", "spin"]
    spinners = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def check_alive(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        text = log.read_text(errors="replace").strip()
        raise MeasurementError(f"ended with status {process.returncode}: {text[-500:]}")
