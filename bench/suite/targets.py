"""Rows whose target is a ratio to another subject, or a bound."""

from __future__ import annotations

from collections.abc import Mapping

from suite.row import BRIDGE, Row


def at_most(figure: str, unit: str, values: Mapping[str, float], share: float, of: str, note: str = "") -> Row:
    """The bridge may have at most this share of what the other one has."""
    ratio = _ratio(values, of)
    met = None if ratio is None else ratio <= share
    return Row(figure, unit, dict(values), f"≤ {share:g} × {of}", met, ratio, note)


def at_least(figure: str, unit: str, values: Mapping[str, float], share: float, of: str, note: str = "") -> Row:
    """The bridge has to have at least this share of what the other one has."""
    ratio = _ratio(values, of)
    met = None if ratio is None else ratio >= share
    return Row(figure, unit, dict(values), f"≥ {share:g} × {of}", met, ratio, note)


def bounded(figure: str, unit: str, values: Mapping[str, float], bound: float, note: str = "") -> Row:
    """The bridge may have at most this."""
    return Row(figure, unit, dict(values), f"≤ {bound:g} {unit}", values[BRIDGE] <= bound, None, note)


def not_measured(figure: str, unit: str, target: str, why: str) -> Row:
    return Row(figure, unit, {}, target, None, None, why)


def _ratio(values: Mapping[str, float], of: str) -> float | None:
    return values[BRIDGE] / values[of] if of in values and values[of] else None
