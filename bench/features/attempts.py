"""What came of the trials."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import serial

from features.setups import Setup
from features.trials import Question, Subject
from suite.errors import MeasurementError
from suite.peers import serving
from suite.row import Context


@dataclass(frozen=True)
class Outcome:
    """Of one trial."""

    succeeded: bool
    figure: float | None = None
    reason: str = ""

    def __str__(self) -> str:
        return "yes" if self.succeeded and self.figure is None else self.reason or f"{self.figure:.3g}"


@dataclass
class Attempts:
    """All that was tried with one configuration."""

    setup: Setup
    outcomes: dict[Question, list[Outcome]] = field(default_factory=lambda: defaultdict(list))

    def successes(self) -> int:
        """How many questions never had a no as their answer."""
        return sum(all(outcome.succeeded for outcome in outcomes) for outcomes in self.outcomes.values())


def attempt(context: Context, setup: Setup, question: Question) -> Outcome:
    """With a server of its own."""
    try:
        with serving(setup.subject, context.micropython) as server:
            return Outcome(True, question.trial(Subject(context, setup, server)))
    except MeasurementError as error:
        return Outcome(False, reason=str(error))
    except (OSError, serial.SerialException) as error:
        return Outcome(False, reason=f"the connection fails: {error}")
