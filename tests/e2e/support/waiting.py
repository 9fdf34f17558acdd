"""Waiting for something to become true, never for time to pass."""

import time

# Generous, because a failing test may be slow but a passing one must not fail on a busy machine.
DEADLINE = 40.0
_PAUSE = 0.01


def wait_until(condition, what, deadline=DEADLINE):
    """Poll until condition() is true; returns its value, fails with `what` when the deadline has passed."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline:.0f} s in vain: {what}")
        time.sleep(_PAUSE)

