"""The command line of scripts/soak."""

import argparse
import random
from pathlib import Path


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="One bridge, clients of all kinds and every fault there is, at random, for so many minutes. In the"
        " end not a byte of a well-behaved client's may be lost, and nothing may have grown or be left.",
    )
    parser.add_argument("minutes", metavar="MINUTES", nargs="?", type=_minutes, default=30.0, help="how long (30)")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="what each visitor does is chosen by it (random; it is printed)"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the figures there as well, as Markdown")
    parser.add_argument(
        "--visitors", type=int, metavar="N", default=4, help="how many try to come in at the same time (4)"
    )
    given = parser.parse_args(arguments)
    if given.seed is None:
        given.seed = random.SystemRandom().randrange(1 << 32)
    return given


def _minutes(text):
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"not a time: {text}")
    return value
