"""The compiled client: what it is asked to measure, and what it says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from suite.errors import MeasurementError

_SECONDS = 60


class Client:
    """Runs bench_client."""

    def __init__(self, executable: Path) -> None:
        self._executable = executable

    def samples(self, command: str, *arguments: str | int) -> list[float]:
        """In microseconds."""
        return _microseconds(self._run(command, *arguments))

    def rate(self, command: str, line: str, mebibytes: int, *arguments: str) -> float:
        """In MB/s. What is lost or changed is an error."""
        answer = json.loads(self._run(command, line, "--mebibytes", mebibytes, *arguments))
        return float(answer["bytes"] / answer["ns"] * 1e3)

    def echo_between(
        self, line: str, count: int, before: Callable[[], None], after: Callable[[], None]
    ) -> list[float]:
        """Echoes with something done before and after them, while the client is connected and warmed up."""
        command = self._command("echo", line, "--count", count, "--pause")
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                _at_pause(process, before)
                _at_pause(process, after)
                output, errors = process.communicate()
            finally:
                process.kill()
        _check(process.returncode, errors)
        return _microseconds(output)

    def _run(self, command: str, *arguments: str | int) -> str:
        result = subprocess.run(
            self._command(command, *arguments), capture_output=True, text=True, check=False
        )
        _check(result.returncode, result.stderr)
        return result.stdout

    def _command(self, *words: str | int) -> list[str]:
        return [str(self._executable), "--deadline", str(_SECONDS), *map(str, words)]


def _at_pause(process: subprocess.Popen[str], action: Callable[[], None]) -> None:
    assert process.stdin is not None and process.stdout is not None
    if process.stdout.readline().strip() == "pause":
        action()
        process.stdin.write("\n")
        process.stdin.flush()


def _check(status: int, errors: str) -> None:
    if status == -14:
        raise MeasurementError(f"nothing came for {_SECONDS} s")
    if status != 0:
        raise MeasurementError(errors.strip() or f"the client ended with status {status}")


def _microseconds(answer: str) -> list[float]:
    return [sample / 1e3 for sample in json.loads(answer)["samples_ns"]]
