"""Other tools for MicroPython boards on a serial device: ampy, rshell and Thonny.

Their "/" is this machine's: nothing here removes anything, or names a file outside the test's own directory.
"""

import subprocess
import sys
from contextlib import closing

import pytest
from support.bridge import VENV_BIN
from support.serial_board import WAYS, SerialBoard
from support.thonny import Thonny

ALL_VALUES = bytes(range(256)) * 8
SCRIPT = "for i in range(3):\n    print('line', i)\n"


@pytest.fixture(params=WAYS)
def make_board(request, start_bridge, start_attach, tmp_path):
    """Makes a board, with options for its bridge."""

    def make(*options):
        return SerialBoard(request.param, start_bridge, start_attach, tmp_path, *options)

    return make


@pytest.fixture
def board(make_board):
    return make_board()


def output_of(board, command):
    """What a tool prints; its failure fails the test."""
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, (result.stdout, result.stderr, board.log_text())
    return result.stdout


# -- ampy


def ampy(board, *arguments):
    return output_of(board, [VENV_BIN / "ampy", "--port", board.link, *arguments])


def test_ampy_runs_a_script(board, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    assert ampy(board, "run", script) == "line 0\nline 1\nline 2\n"


def test_ampy_copies_a_file_both_ways(board, tmp_path):
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(ALL_VALUES)
    ampy(board, "put", there, board.folder / "copied")
    assert (board.folder / "copied").read_bytes() == ALL_VALUES
    ampy(board, "get", board.folder / "copied", back)
    assert back.read_bytes() == ALL_VALUES


def test_ampy_lists_files(board):
    (board.folder / "here").write_bytes(b"")
    assert ampy(board, "ls", board.folder) == f"{board.folder}/here\n"


# -- rshell, which takes the board's output apart at \r\n


def rshell(board, *arguments):
    return output_of(board, [VENV_BIN / "rshell", "--quiet", "--nocolor", "--port", board.link, *arguments])


@pytest.fixture
def crlf_board(make_board):
    return make_board("--newline", "crlf")


def test_rshell_lists_files(crlf_board):
    (crlf_board.folder / "here").write_bytes(b"")
    assert rshell(crlf_board, "ls", crlf_board.folder) == "here\n"


def test_rshell_shows_and_copies_a_file_on_the_board(crlf_board):
    (crlf_board.folder / "here").write_text("content\n")
    rshell(crlf_board, "cp", crlf_board.folder / "here", crlf_board.folder / "copied")
    assert (crlf_board.folder / "copied").read_text() == "content\n"
    assert "content\n" in rshell(crlf_board, "cat", crlf_board.folder / "copied")


# To rshell all that has a name on the board is on the board, and behind the bridge that is every file there is.
# So it is told otherwise here, to have it copy over the line.
RSHELL_COPIES = """
import sys
from rshell import main as rshell

port, folder, here, there, back = sys.argv[1:]
rshell.QUIET = rshell.ASCII_XFER = True
rshell.connect(port)
rshell.DEFAULT_DEV.root_dirs = [folder + "/"]
rshell.cp(here, there)
rshell.cp(there, back)
"""


def test_rshell_copies_a_file_both_ways(crlf_board, tmp_path):
    here, there, back = tmp_path / "here", crlf_board.folder / "there", tmp_path / "back"
    here.write_bytes(ALL_VALUES)
    output_of(
        crlf_board, [sys.executable, "-c", RSHELL_COPIES, crlf_board.link, crlf_board.folder, here, there, back]
    )
    assert there.read_bytes() == ALL_VALUES
    assert back.read_bytes() == ALL_VALUES


# -- Thonny


@pytest.fixture
def thonny(board, tmp_path):
    with closing(Thonny(board.link, tmp_path / "thonny")) as started:
        yield started


def test_thonny_connects(thonny):
    assert "MicroPython" in thonny.welcome


def test_thonny_executes_a_line(thonny):
    assert thonny.execute("print(6*7)") == "42\n"


def test_thonny_keeps_state_between_lines_and_not_between_programs(thonny):
    thonny.execute("x = 42")
    assert thonny.execute("print(x)") == "42\n"
    assert thonny.run("print('x' in globals())").endswith("False\n")


def test_thonny_runs_a_program(thonny):
    assert thonny.run(SCRIPT).endswith("MPY: soft reboot\r\nline 0\nline 1\nline 2\n")


def test_thonny_shows_an_exception(thonny):
    assert "ZeroDivisionError" in thonny.run("1/0\n")


def test_thonny_interrupts_a_program(thonny):
    thonny.start("print('go' + 'ing')\nwhile True: pass\n", "going")
    assert "KeyboardInterrupt" in thonny.interrupt()
    assert thonny.execute("print(6*7)") == "42\n"


def test_thonny_copies_a_file_both_ways(thonny, board):
    thonny.write_file(board.folder / "copied", ALL_VALUES)
    assert (board.folder / "copied").read_bytes() == ALL_VALUES
    assert thonny.read_file(board.folder / "copied") == ALL_VALUES


def test_thonny_finds_the_board_again_after_it_was_killed(thonny, board, tmp_path):
    thonny.start("while True: print('alive')\n", "alive")
    thonny.close()
    with closing(Thonny(board.link, tmp_path / "again")) as again:
        assert again.execute("print(6*7)") == "42\n"
