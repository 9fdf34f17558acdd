"""Measuring several subjects in turn, so that what changes on the machine meanwhile meets all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

from suite.errors import MeasurementError
from suite.row import BRIDGE

Value = TypeVar("Value")


def in_turn(
    rounds: int, measures: Mapping[str, Callable[[], Value]], needed: tuple[str, ...] = (BRIDGE,)
) -> dict[str, list[Value]]:
    """A B A B …: the values of each. One that fails is left out, unless it is needed."""
    values: dict[str, list[Value]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name in list(values):
            try:
                values[name].append(measures[name]())
            except MeasurementError as error:
                if name in needed:
                    raise
                print(f"{name} is left out: {error}", file=sys.stderr)
                del values[name]
    return values
