"""mpremote on a serial device, which is where its own terminal works."""

import random
import re
import subprocess
from contextlib import closing

import pytest
from support.bridge import VENV_BIN
from support.serial_board import WAYS, SerialBoard
from support.tmux import Terminal

MPREMOTE = str(VENV_BIN / "mpremote")
ALL_VALUES = bytes(range(256)) * 8


@pytest.fixture(params=WAYS)
def board(request, start_bridge, start_attach, tmp_path):
    return SerialBoard(request.param, start_bridge, start_attach, tmp_path)


@pytest.fixture(params=["link", "device"])
def address(board, request):
    """Both names: mpremote reads in another way from what it takes for a PTY, which is what starts with /dev/pts."""
    return getattr(board, request.param)


def mpremote(board, address, *arguments, check=True):
    """What mpremote prints; its failure fails the test."""
    command = [MPREMOTE, "connect", address, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, timeout=120, check=False)
    if check:
        assert result.returncode == 0, (result.stdout, result.stderr, board.log_text())
    return result.stdout if check else result


# -- exec, run


def test_exec(board, address):
    assert mpremote(board, address, "exec", "print(6*7)") == b"42\n"


def test_resume_keeps_state(board, address):
    mpremote(board, address, "resume", "exec", "x = 42")
    assert mpremote(board, address, "resume", "exec", "print(x)") == b"42\n"


def test_without_resume_the_state_is_new(board, address):
    mpremote(board, address, "resume", "exec", "x = 42")
    assert mpremote(board, address, "exec", "print('x' in globals())") == b"False\n"


def test_long_script(board, address, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("x = 0\n" + "x += 1  # and a comment to make it longer\n" * 2000 + "print(x)\n")
    assert mpremote(board, address, "run", script) == b"2000\n"


def test_much_output(board, address):
    output = mpremote(board, address, "exec", "for i in range(2000): print(i, 'x' * 50)")
    assert output == b"".join(b"%d %s\n" % (number, b"x" * 50) for number in range(2000))


def test_exception_comes_back(board, address):
    result = mpremote(board, address, "exec", "1/0", check=False)
    assert result.returncode == 1
    assert b"ZeroDivisionError" in result.stdout + result.stderr


def test_commands_one_after_the_other(board, address):
    for number in range(8):
        assert mpremote(board, address, "exec", f"print({number} + 100)") == b"%d\n" % (number + 100)


def test_endless_program_left_behind_is_interrupted_by_the_next_command(board, address):
    mpremote(board, address, "exec", "--no-follow", "while True: pass")
    assert mpremote(board, address, "resume", "exec", "print(6*7)") == b"42\n"


# -- files


def copy_both_ways(board, address, data, folder):
    there, back = folder / "there", folder / "back"
    there.write_bytes(data)
    mpremote(board, address, "fs", "cp", there, ":copied")
    assert (board.folder / "copied").read_bytes() == data
    mpremote(board, address, "fs", "cp", ":copied", back)
    assert back.read_bytes() == data


def test_copy_both_ways(board, address, tmp_path):
    copy_both_ways(board, address, random.Random(1).randbytes(1 << 15), tmp_path)


def test_copy_a_mebibyte_both_ways(board, tmp_path):
    """By the device's own name: by another one mpremote rests for 10 ms after each of its 4096 pieces."""
    copy_both_ways(board, board.device, random.Random(1).randbytes(1 << 20), tmp_path)


# -- mount


@pytest.fixture
def mounted(tmp_path):
    folder = tmp_path / "mounted"
    folder.mkdir()
    (folder / "values").write_bytes(ALL_VALUES)
    (folder / "module.py").write_text("def answer():\n    return 6 * 7\n")
    return folder


# mpremote's word about the mount may come after the program's output: only that is flushed at once.


def test_mounted_file_of_all_values_is_read(board, address, mounted):
    code = "print(open('values', 'rb').read() == bytes(range(256)) * 8)"
    assert b"True" in mpremote(board, address, "mount", mounted, "exec", code).splitlines()


def test_mounted_file_of_all_values_is_written(board, address, mounted):
    code = "f = open('written', 'wb'); x = f.write(bytes(range(256)) * 8); f.close()"
    mpremote(board, address, "mount", mounted, "exec", code)
    assert (mounted / "written").read_bytes() == ALL_VALUES


def test_mounted_module_is_imported(board, address, mounted):
    code = "import module; print(module.answer())"
    assert b"42" in mpremote(board, address, "mount", mounted, "exec", code).splitlines()


# -- its terminal


def start_repl(address, *before):
    return closing(Terminal([MPREMOTE, "connect", address, *map(str, before), "repl"]))


@pytest.fixture
def terminal(board, address):
    with start_repl(address) as started:
        started.wait_for("Use Ctrl-] or Ctrl-x to exit this shell")
        started.wait_for_prompt()
        yield started


def test_output_in_the_terminal_makes_no_staircase(terminal):
    line = r"print('a\nb\nc')"
    terminal.line(line)
    terminal.wait_for(f">>> {re.escape(line)}\na\nb\nc\n>>>")


def test_ctrl_c_in_the_terminal_interrupts(terminal):
    terminal.line("exec(\"print('go' + 'ing')\\nwhile True: pass\")")
    terminal.wait_for("going")
    terminal.press("C-c")
    terminal.wait_for("KeyboardInterrupt:?")
    terminal.line("6*7")
    terminal.wait_for("42")


def test_ctrl_d_in_the_terminal_resets(terminal):
    terminal.line("x = 42")
    terminal.press("C-d")
    terminal.wait_for("MPY: soft reboot\nMicroPython .*\n.*\n>>>")
    terminal.line("'x' in globals()")
    terminal.wait_for("False")


def test_arrow_up_in_the_terminal_brings_the_last_line_back(terminal):
    terminal.line("6*7")
    terminal.wait_for("42")
    terminal.press("Up", "Enter")
    terminal.wait_for("42", count=2)


def test_ctrl_right_bracket_leaves_the_terminal(board, address, terminal):
    terminal.line("x = 42; print(x)")
    terminal.wait_for("42")
    terminal.press("C-]")
    assert terminal.wait_for_end() == 0
    assert mpremote(board, address, "resume", "exec", "print(x)") == b"42\n"


def test_mount_survives_a_soft_reset_in_the_terminal(address, mounted):
    line = "len(open('values', 'rb').read())"
    with start_repl(address, "mount", mounted) as terminal:
        terminal.wait_for_prompt()
        terminal.line(line)
        terminal.wait_for("2048")
        terminal.press("C-d")
        terminal.wait_for("Remount local directory.*(\n.*)*\n>>>")
        terminal.line(line)
        terminal.wait_for("2048", count=2)
        terminal.press("C-]")
        assert terminal.wait_for_end() == 0
