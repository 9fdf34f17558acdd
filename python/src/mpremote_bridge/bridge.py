"""One mpremote-bridge: its start on free ports, its log, and its end."""

import contextlib
import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BridgeError

__tracebackhide__ = True  # for pytest, which then shows the line of the test

HOST = "127.0.0.1"
_START_DEADLINE = 30.0
_STOP_DEADLINE = 10.0  # the bridge itself gives MicroPython 2 s
_READY_INTERVAL = 0.005


@dataclass(frozen=True)
class Programs:
    """Paths of executables."""

    bridge: str
    micropython: str


class Bridge:
    """Runs from the end of the constructor, when the board is at its first prompt, to stop().

    `folder` takes the log and, below `root`, the board's files.
    """

    def __init__(self, programs: Programs, folder: Path, options: Sequence[str] = ()) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self._log_file = folder / "bridge.log"
        ready_file = folder / "ready.json"
        command: list[str | Path] = [
            programs.bridge, "-v", "-H", HOST, "-p", "auto", "-s", "auto", "--no-pty", "--control", "none",
            "--ready-file", ready_file, "--cwd", self.root, "--board-root", "--on-break", "reset", *options,
            programs.micropython,
        ]  # fmt: skip
        with self._log_file.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            ready = self._wait_until_ready(ready_file)
        except BaseException:
            self.stop()
            raise
        self.port: int = ready["rfc2217"]["port"]
        self.socket_port: int = ready["socket"]["port"]

    def _wait_until_ready(self, ready_file: Path) -> Any:
        deadline = time.monotonic() + _START_DEADLINE
        while time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError):
                return json.loads(ready_file.read_text())
            if self.has_ended(_READY_INTERVAL):
                raise BridgeError(f"{self.how_it_ended()}; its log:\n{self.log}")
        raise BridgeError(f"mpremote-bridge was not ready within {_START_DEADLINE:.0f} s; its log:\n{self.log}")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """What the bridge has said so far."""
        return self._log_file.read_text(errors="replace")

    def has_ended(self, within: float = 0) -> bool:
        """Wait so many seconds for the end of the process; whether it came."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within)
        return self._process.returncode is not None

    def how_it_ended(self) -> str:
        status = self._process.returncode
        return f"mpremote-bridge ended by signal {-status}" if status < 0 else f"mpremote-bridge ended with {status}"

    def stop(self) -> None:
        """No process is left, whatever state the bridge is in. Again is no error."""
        self._process.terminate()
        try:
            self.has_ended(_STOP_DEADLINE)
        finally:
            self._process.kill()
            self._process.wait()
