"""Waiting for what there is no event for."""

from __future__ import annotations

import time
from collections.abc import Callable

from suite.errors import MeasurementError
from suite.processes import DEADLINE

_PAUSE = 0.001


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not is_so():
        if time.monotonic() > end:
            raise MeasurementError(f"{what} did not come")
        time.sleep(_PAUSE)
