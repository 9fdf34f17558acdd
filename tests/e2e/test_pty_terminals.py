"""Terminal programs for serial ports: each is a usable terminal for the REPL, and leaves the device as it was."""

import fcntl
import os
import re
import struct
import termios
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Callable

import pytest
import serial
from support.bridge import VENV_BIN
from support.serial_board import WAYS, SerialBoard
from support.tmux import Terminal
from support.waiting import DEADLINE

TIOCGEXCL = 0x80045440


@dataclass
class Program:
    command: Callable  # the words that start it on a device
    leave: list  # keys, with what the screen shows before each that has to wait


PROGRAMS = {
    "picocom": Program(lambda device: ["picocom", "-b", "115200", device], ["C-a", "C-x"]),
    "tio": Program(lambda device: ["tio", "-b", "115200", device], ["C-t", "q"]),
    "minicom": Program(
        lambda device: ["minicom", "-b", "115200", "-D", device], ["C-a", "x", ".*Leave Minicom.*", "Enter"]
    ),
    "screen": Program(lambda device: ["screen", device, "115200"], ["C-a", "\\", "Really quit.*", "y"]),
    "miniterm": Program(lambda device: [VENV_BIN / "pyserial-miniterm", device, "115200"], ["C-]"]),
}


@pytest.fixture(params=WAYS)
def board(request, start_bridge, start_attach, tmp_path):
    return SerialBoard(request.param, start_bridge, start_attach, tmp_path)


@pytest.fixture(params=PROGRAMS)
def name(request):
    return request.param


@pytest.fixture
def environment(tmp_path):
    """A home without the user's own settings; minicom's lock files and screen's socket go there too."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / ".minirc.dfl").write_text(f"pu lock {home}\n")
    return {"HOME": str(home), "SCREENDIR": str(home)}


@pytest.fixture
def start(board, name, environment):
    """Starts the program, and ends it in its own way."""

    @contextmanager
    def run():
        with closing(Terminal(PROGRAMS[name].command(board.link), env=environment)) as started:
            yield started
            leave(started, PROGRAMS[name].leave)

    return run


def leave(terminal, keys):
    for key in keys:
        if ".*" in key:
            terminal.wait_for(key)
        else:
            terminal.press(key)
    assert terminal.wait_for_end() == 0


@pytest.fixture
def terminal(start):
    with start() as started:
        started.wait_for_prompt()
        yield started


def test_line_is_answered(terminal):
    terminal.line("print(6*7)")
    terminal.wait_for("42")


def test_output_makes_no_staircase(terminal):
    line = r"print('a\nb\nc')"
    terminal.line(line)
    terminal.wait_for(f">>> {re.escape(line)}\na\nb\nc\n>>>")


def test_ctrl_c_interrupts(terminal):
    terminal.line("exec(\"print('go' + 'ing')\\nwhile True: pass\")")
    terminal.wait_for("going")
    terminal.press("C-c")
    terminal.wait_for("KeyboardInterrupt:?")
    terminal.line("print(6*7)")
    terminal.wait_for("42")


def test_ctrl_d_resets(terminal):
    terminal.line("x = 42")
    terminal.press("C-d")
    terminal.wait_for("MPY: soft reboot\nMicroPython .*\n.*\n>>>")
    terminal.line("'x' in globals()")
    terminal.wait_for("False")


# -- what is left


def is_exclusive(descriptor):
    return struct.unpack("i", fcntl.ioctl(descriptor, TIOCGEXCL, bytes(4)))[0] != 0


def state_of(device):
    """What a program finds when it opens the device."""
    descriptor = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        return termios.tcgetattr(descriptor), is_exclusive(descriptor)
    finally:
        os.close(descriptor)


def test_leaving_frees_the_device_for_the_next_program(board, start):
    with start() as terminal:
        terminal.wait_for_prompt()
        terminal.line("x = 42; print(x)")
        terminal.wait_for("42")
    board.wait_until_left()
    with serial.Serial(board.link, 115200, timeout=DEADLINE, exclusive=True) as port:
        port.write(b"print(x)\r")
        assert port.read_until(b"42\r\n>>> ").endswith(b"42\r\n>>> ")


def test_device_is_left_as_it_was(board, start):
    before = state_of(board.link)
    board.wait_until_left()
    with start() as terminal:
        terminal.wait_for_prompt()
    board.wait_until_left(2)
    assert state_of(board.link) == before
