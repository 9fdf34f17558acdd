"""Configuration files, and what --print-config says of them."""

import re

from .bridge import REPOSITORY, run_once

EXAMPLE = REPOSITORY / "packaging" / "mpremote-bridge.toml"
_LINE = re.compile(r"^([\w-]+) = (.*?)  # (default|command line|.*:\d+)$")


def example_in_force():
    """The example with each of its options, none commented out."""
    return re.sub(r"^#(?=[\w-]+ = )", "", EXAMPLE.read_text(), flags=re.MULTILINE)


def in_force(*options, **kwargs):
    """What --print-config prints: the value as it is written, and where it comes from, by key."""
    result = run_once(*options, "--print-config", **kwargs)
    assert (result.returncode, result.stderr) == (0, "")
    lines = [_LINE.match(line) for line in result.stdout.splitlines()]
    assert lines and all(lines), result.stdout
    return {line[1]: (line[2], line[3]) for line in lines}
