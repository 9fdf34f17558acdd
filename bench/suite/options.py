"""The command line of scripts/bench."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from suite.peers import Command, ready_peers
from suite.row import Context

_ROOT = Path(__file__).resolve().parents[2]
_QUICK_ROUNDS = 1
_ROUNDS = 15


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    context: Context
    only: str
    json: Path | None
    plot: Path | None


def parse(arguments: list[str]) -> Options:
    given = _parser().parse_args(arguments)
    rounds = given.rounds or (_QUICK_ROUNDS if given.quick else _ROUNDS)
    return Options(context(given, rounds, given.quick), given.only, given.json, given.plot)


def context(given: argparse.Namespace, rounds: int, quick: bool = False) -> Context:
    """With the options of add_subjects()."""
    scripts = Path(sys.executable).parent
    tools = _ROOT / "build/bench/bin"
    return Context(
        root=_ROOT,
        bridge=given.bridge,
        tools=tools,
        micropython=given.micropython or scripts / "micropython",
        scripts=scripts,
        rounds=rounds,
        quick=quick,
        peers=(*ready_peers(tools), *given.peer),
    )


def add_subjects(parser: argparse.ArgumentParser) -> None:
    """The options that say which programs are measured."""
    parser.add_argument(
        "--peer",
        metavar="NAME=COMMAND",
        type=_peer,
        action="append",
        default=[],
        help="one more peer; started as COMMAND -H HOST -p PORT -s PORT --cwd DIR PROGRAM, like the bridge",
    )
    parser.add_argument(
        "--bridge",
        type=Path,
        metavar="FILE",
        default=_ROOT / "build/release/bin/mpremote-bridge",
        help="another executable of this bridge",
    )
    parser.add_argument("--micropython", type=Path, metavar="FILE", help="another MicroPython than build/venv's")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures the bridge beside its peers and the limit of the machine, in turn, and prints every"
        " figure with its target: the medians of several rounds. socat, ser2net, the least a relay can be, and a plain"
        " bridge in Python are always among the peers.",
    )
    add_subjects(parser)
    parser.add_argument("--rounds", type=int, metavar="N", help=f"how often to measure each ({_ROUNDS})")
    parser.add_argument(
        "--quick", action="store_true", help="only see that everything can be measured; the figures mean nothing"
    )
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="only kinds of row whose names match, as in 'echo|bulk'"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as well")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw a bar chart there, as SVG")
    return parser


def _peer(text: str) -> Command:
    name, separator, command = text.partition("=")
    if not name or not separator or not command:
        raise argparse.ArgumentTypeError(f"not NAME=COMMAND: {text}")
    return Command(name, tuple(shlex.split(command)))
