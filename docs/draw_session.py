#!/usr/bin/env python3
"""Draws docs/session.svg from a session that it really has: docs/draw_session.py, with build/venv/bin/python."""

import re
import sys
import tempfile
from pathlib import Path

import pexpect
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from support.room import Room  # noqa: E402

BRIDGE = "mpremote-bridge -v -H localhost --pty-link ~/board"
COMMANDS = [
    "mpremote connect rfc2217://localhost:2217 eval '6*7'",
    "mpremote connect socket://localhost:2218 exec 'import sys; print(sys.platform, sys.implementation.name)'",
    "mpremote connect ~/board repl",
]
PROMPT = r">>> $"
# What is typed, and what is waited for before the next.
TYPED = [
    ("", r"exit this shell\r\n"),
    ("\r", PROMPT),
    ("x = [n * n for n in range(8)]\r", PROMPT),
    ("x\r", PROMPT),
    ("while True: pass\r\r", r"\.\.\. \r\n"),
    ("\x03", PROMPT),
    ("\x04", PROMPT),
]
LEAVE = "\x1d"
WIDTH = 110


def prompt(command):
    return Text.assemble(("$ ", "bold green"), command)


def repl(terminal):
    """All that a terminal shows meanwhile."""
    shown = ""
    for keys, until in TYPED:
        terminal.send(keys)
        terminal.expect(until)
        shown += terminal.before + terminal.after
    return shown


def session(room):
    with open(room.home / "log", "w+", encoding="utf-8") as log:
        room.start(BRIDGE, stderr=log)
        room.wait_until_success("grep -q Waiting ~/log")
    yield prompt(BRIDGE + " &")
    lines = (room.home / "log").read_text(encoding="utf-8").splitlines()
    yield from (Text(line.replace(str(room.home), "~"), style="dim") for line in lines if "listening" in line or "PTY port" in line)
    for command in COMMANDS[:-1]:
        yield prompt(command)
        yield Text(room.run(command)[1].replace("\r", "").rstrip())
    yield prompt(COMMANDS[-1])
    words = [*room.enter, "bash", "-c", COMMANDS[-1]]
    with pexpect.spawn(words[0], words[1:], cwd=room.folder, env=room.environment(), encoding="utf-8") as terminal:
        shown = repl(terminal)
        terminal.send(LEAVE)
    yield Text(re.sub(r"\x1b\[[0-9;]*\w", "", shown).replace("\r", "").replace(str(room.home), "~"))


def main():
    console = Console(record=True, width=WIDTH, file=open("/dev/null", "w", encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), ROOT)
        try:
            for part in session(room):
                console.print(part)
        finally:
            room.leave()
    drawing = console.export_svg(title="mpremote-bridge")
    # Where the picture is shown no font is fetched.
    drawing = re.sub(r"@font-face \{.*?\}\n", "", drawing, flags=re.DOTALL)
    (ROOT / "docs/session.svg").write_text(drawing, encoding="utf-8")


main()
