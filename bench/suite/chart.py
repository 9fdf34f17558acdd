"""A bar chart of the rows that compare, as SVG: for each figure a group of bars, on a scale of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from suite.report import number
from suite.row import BRIDGE, Row

_WIDTH = 790
_LEFT = 160
_RIGHT = 110
_BAR = 15
_STEP = 19
_GROUP = 34

# Greys and a blue that can be told apart on white and on black.
_STYLE = """
  text { font: 12px sans-serif; fill: #24292f; }
  .figure { font-weight: bold; }
  .note { fill: #6e7781; }
  rect { fill: #8c959f; }
  .bridge { fill: #2f81f7; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    rect { fill: #6e7681; }
    .bridge { fill: #4493f8; }
  }
"""


def svg(rows: Sequence[Row]) -> str:
    parts: list[str] = []
    top = 10
    for row in _one_of_each_figure(rows):
        parts.extend(_group(row, top))
        top += _GROUP + _STEP * len(row.values)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def _one_of_each_figure(rows: Sequence[Row]) -> list[Row]:
    """Those with something to compare; the same values have several rows where there are several targets."""
    chosen = {row.figure: row for row in reversed(rows) if len(row.values) > 1}
    return list(reversed(chosen.values()))


def _group(row: Row, top: int) -> Iterator[str]:
    better = "more is better" if row.unit.endswith("/s") else "less is better"
    yield f'<text class="figure" x="10" y="{top + 14}">{escape(row.figure)}'
    yield f'<tspan class="note" font-weight="normal" dx="8">{escape(row.unit)}, {better}</tspan></text>'
    longest = max(row.values.values())
    for place, (name, value) in enumerate(row.values.items()):
        yield from _bar(name, value, longest, top + 22 + place * _STEP)


def _bar(name: str, value: float, longest: float, y: int) -> Iterator[str]:
    length = (_WIDTH - _LEFT - _RIGHT) * value / longest if longest else 0
    kind = ' class="bridge"' if name == BRIDGE else ""
    yield f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
    yield f'<rect{kind} x="{_LEFT}" y="{y}" width="{max(length, 1):.1f}" height="{_BAR}" rx="2"/>'
    yield f'<text x="{_LEFT + length + 6:.1f}" y="{y + 12}">{number(value)}</text>'
