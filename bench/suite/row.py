"""What a row of the report is, and what a module that measures one is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suite.peers import Subject

BRIDGE = "bridge"
"""The name of this project's bridge among the values of a row."""


@dataclass
class Row:
    """One line of the report.

    `values` maps the name of each subject to its figure, this bridge's under BRIDGE. `ratio` is what
    the target is about, if that is a ratio. `met` is None where there is nothing to meet, or where the
    subject to compare with is not there.
    """

    figure: str
    unit: str
    values: dict[str, float]
    target: str
    met: bool | None
    ratio: float | None
    note: str = ""


@dataclass(frozen=True)
class Context:
    """What to measure with, and how long."""

    root: Path
    bridge: Path
    tools: Path
    """The folder of the programs built from bench/: bench_client, bench_program, bench_micro."""
    micropython: Path
    scripts: Path
    """The folder of mpremote and a Python that has pyserial."""
    rounds: int
    quick: bool
    """Only to see that everything works: as little as possible of it."""
    peers: tuple[Subject, ...] = field(default=())
    """What the bridge is compared with, by name: socat, ser2net, python and those given by the user."""

    @property
    def client(self) -> Path:
        return self.tools / "bench_client"

    @property
    def program(self) -> Path:
        return self.tools / "bench_program"

    def count(self, full: int, quick: int) -> int:
        """How often to do something in a round."""
        return quick if self.quick else full
