"""What is made of many samples, in several rounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median

Figure = Callable[[Sequence[float]], float]


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that this share of all does not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def p50(samples: Sequence[float]) -> float:
    return median(samples)


def p99(samples: Sequence[float]) -> float:
    return percentile(samples, 0.99)


def over_rounds(rounds: Mapping[str, Sequence[Sequence[float]]], figure: Figure) -> dict[str, float]:
    """Of each subject, the median over the rounds of a figure of each round's samples."""
    return {name: median(map(figure, samples)) for name, samples in rounds.items()}


def medians(rounds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The same where each round gives one value."""
    return {name: median(values) for name, values in rounds.items()}
