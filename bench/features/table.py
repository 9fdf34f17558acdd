"""The outcomes as a Markdown table, with footnotes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from features.attempts import Attempts, Outcome
from features.trials import QUESTIONS, Question
from suite.report import number


def markdown(programs: Sequence[Sequence[Attempts]]) -> str:
    """The first configuration of each program has the column."""
    notes: dict[str, int] = {}
    columns = [variants[0] for variants in programs]
    heads = [column.setup.program + _note(column.setup.remark, notes) for column in columns]
    lines = [["tried", *heads], ["---"] * (len(columns) + 1)]
    for question in QUESTIONS:
        lines.append([question.text, *(_cell(question, column.outcomes[question], notes) for column in columns)])
    rows = ["| " + " | ".join(line) + " |" for line in lines]
    footnotes = [f"[^{place}]: {text}" for text, place in notes.items()]
    return "\n".join([*rows, "", *footnotes, "", *_choices(programs)])


def _cell(question: Question, outcomes: Sequence[Outcome], notes: dict[str, int]) -> str:
    good = [outcome for outcome in outcomes if outcome.succeeded]
    figures = [outcome.figure for outcome in good if outcome.figure is not None]
    text = f"{number(median(figures))} {question.unit}" if figures else "yes"
    if len(good) == len(outcomes):
        return text
    share = f"{text}, {len(good)} of {len(outcomes)} times" if good else "no"
    reasons = dict.fromkeys(outcome.reason for outcome in outcomes if not outcome.succeeded)
    return share + "".join(_note(reason, notes) for reason in reasons)


def _note(text: str, notes: dict[str, int]) -> str:
    return f"[^{notes.setdefault(text, len(notes) + 1)}]" if text else ""


def _choices(programs: Sequence[Sequence[Attempts]]) -> list[str]:
    return [
        f"{variants[0].setup.program}, configurations by how much they do: "
        + "; ".join(f"{each.setup.variant} ({each.successes()} of {len(QUESTIONS)})" for each in variants)
        for variants in programs
        if len(variants) > 1
    ]
