"""What an installation consists of: the options that --help tells of, and the files of `cmake --install`."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from . import attach
from .bridge import executable
from .waiting import DEADLINE

PROGRAMS = ("mpremote-bridge", "mpremote-attach")
_OPTION = re.compile(r" {2,10}(-[^ ,]+)(?:, *(--[^ ]+))?")


def binary(program):
    return {"mpremote-bridge": executable, "mpremote-attach": attach.executable}[program]()


def options(program):
    """The options of its --help in their order, each with all its names."""
    text = subprocess.run([binary(program), "--help"], capture_output=True, text=True, check=True).stdout
    found = filter(None, map(_OPTION.match, text.splitlines()))
    return [tuple(filter(None, match.groups())) for match in found]


def option_names(program):
    return {name for names in options(program) for name in names}


def install(root, prefix):
    """`cmake --install` of the build that the program comes from, below `root`; returns the prefix there."""
    build = Path(executable()).resolve().parents[1]
    if not (build / "CMakeCache.txt").is_file():
        pytest.skip(f"{executable()} is not in a folder that cmake made")
    subprocess.run(
        ["cmake", "--install", build, "--prefix", prefix],
        env={**os.environ, "DESTDIR": str(root)}, check=True, capture_output=True, timeout=DEADLINE,
    )  # fmt: skip
    return root / prefix.lstrip("/")


def files(root):
    """Every file below it, relative to it."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}
