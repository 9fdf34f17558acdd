"""Tries everything with everyone, and prints a Markdown table of what was seen."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from features import table
from features.attempts import Attempts, attempt
from features.setups import Setup, all_setups
from features.trials import QUESTIONS
from suite import options, report
from suite.row import Context

_ROUNDS = 3


def main() -> int:
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, _interrupt)
    parser = argparse.ArgumentParser(
        prog="scripts/bench --features",
        description="Tries what users of a MicroPython on the network need with the bridge, a plain bridge in Python,"
        " ser2net and socat, and prints a Markdown table. Of a program with several configurations the one that does"
        " most has the column.",
    )
    options.add_subjects(parser)
    parser.add_argument("--rounds", type=int, default=_ROUNDS, metavar="N", help=f"how often to try ({_ROUNDS})")
    parser.add_argument("--only", default="", metavar="TEXT", help="only programs with this in their names")
    given = parser.parse_args()
    context = options.context(given, given.rounds)
    setups = [setup for setup in all_setups(context) if given.only in setup.program]
    print(f"{report.machine()}; {report.others_at_work()}; rounds: {context.rounds}\n")
    results = _try_all(context, setups)
    print(table.markdown(results))
    return 0


def _try_all(context: Context, setups: list[Setup]) -> list[list[Attempts]]:
    """Those of each program, the best one first: all once, then the best of each again."""
    programs = list(dict.fromkeys(setup.program for setup in setups))
    results = [[Attempts(setup) for setup in setups if setup.program == program] for program in programs]
    for number in range(context.rounds):
        _round(context, [each for variants in results for each in variants[: 1 if number else None]])
        if number == 0:
            for variants in results:
                variants.sort(key=Attempts.successes, reverse=True)
    return results


def _round(context: Context, everyone: list[Attempts]) -> None:
    for question in QUESTIONS:
        for attempts in everyone:
            outcome = attempt(context, attempts.setup, question)
            attempts.outcomes[question].append(outcome)
            who = " ".join(filter(None, [attempts.setup.program, attempts.setup.variant]))
            print(f"{who}: {question.text}: {outcome}", file=sys.stderr, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
