"""mpremote itself, over both protocols. Nothing here touches the board's files outside its own directory."""

import hashlib
import random
import subprocess

import pytest
from mpremote.transport_serial import SerialTransport
from support import repl
from support.bridge import VENV_BIN

MPREMOTE = str(VENV_BIN / "mpremote")


@pytest.fixture
def mpremote(bridge, kind):
    """Runs mpremote against the bridge and returns what it prints; its failure fails the test."""

    def run(*arguments, check=True, cwd=None):
        command = [MPREMOTE, "connect", bridge.url(kind), *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, timeout=90, cwd=cwd, check=False)
        if check:
            assert result.returncode == 0, (result.stdout, result.stderr, bridge.log_text())
        return result.stdout if check else result

    return run


@pytest.fixture
def transport(bridge, kind):
    """mpremote's connection to a board, for what its command line cannot do here.

    (Its terminal wants a file descriptor of the port, which pyserial's network ports do not have.)
    """
    opened = SerialTransport(bridge.url(kind))
    yield opened
    opened.close()


# -- exec, eval, run


def test_exec(mpremote):
    assert mpremote("exec", "print(6*7)") == b"42\n"


def test_eval_as_in_the_specification(mpremote):
    assert mpremote("eval", "print('Hello')") == b"Hello\nNone\n"


def test_run(mpremote, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("for i in range(3):\n    print('line', i)\n")
    assert mpremote("run", script) == b"line 0\nline 1\nline 2\n"


def test_long_script(mpremote, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("x = 0\n" + "x += 1  # and a comment to make it longer\n" * 2000 + "print(x)\n")
    assert mpremote("run", script) == b"2000\n"


def test_exception_comes_back(mpremote):
    result = mpremote("exec", "1/0", check=False)
    assert result.returncode == 1
    assert b"ZeroDivisionError" in result.stdout + result.stderr


def test_sys_exit_in_a_script_does_not_disturb_the_next_command(mpremote):
    mpremote("exec", "import sys; sys.exit()", check=False)
    assert mpremote("exec", "print(6*7)") == b"42\n"


# -- state


def test_resume_keeps_state_as_in_the_specification(mpremote):
    mpremote("resume", "exec", "x = 42")
    assert mpremote("resume", "exec", "print(x)") == b"42\n"


def test_without_resume_the_state_is_new(mpremote):
    mpremote("resume", "exec", "x = 42")
    assert mpremote("exec", "print('x' in globals())") == b"False\n"


def test_soft_reset(mpremote):
    mpremote("resume", "exec", "x = 42")
    mpremote("soft-reset")
    assert mpremote("resume", "exec", "print('x' in globals())") == b"False\n"


def test_commands_one_after_the_other(mpremote):
    for number in range(8):
        assert mpremote("exec", f"print({number} + 100)") == b"%d\n" % (number + 100)


def test_commands_in_one_call(mpremote):
    assert mpremote("exec", "x = 6", "+", "exec", "x *= 7", "+", "eval", "x", "+", "soft-reset") == b"42\n"


def test_protocols_in_turn(bridge):
    for number in range(3):
        for kind in ("socket", "rfc2217"):
            command = [MPREMOTE, "connect", bridge.url(kind), "resume", "exec", f"print({number})"]
            assert subprocess.run(command, capture_output=True, timeout=120, check=True).stdout == b"%d\n" % number


def test_endless_program_left_behind_is_interrupted_by_the_next_command(mpremote):
    mpremote("exec", "--no-follow", "while True: pass")
    assert mpremote("resume", "exec", "print(6*7)") == b"42\n"
    assert mpremote("exec", "print(6*7)") == b"42\n"


def test_flood_left_behind_is_interrupted_by_the_next_command(mpremote):
    """pyserial reads slowly, and must find the answer to its last request within 3 s behind all that output."""
    mpremote("exec", "--no-follow", "while True: print('x' * 1000)")
    assert mpremote("resume", "exec", "print(6*7)") == b"42\n"


# -- files


def test_copy_both_ways(mpremote, bridge, tmp_path):
    """The command copies 256 bytes at a time and rests in between, so a mebibyte is for the test after this one."""
    data = random.Random(1).randbytes(1 << 15)
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(data)
    mpremote("fs", "cp", there, ":copied")
    assert (bridge.cwd / "copied").read_bytes() == data
    mpremote("fs", "cp", ":copied", back)
    assert back.read_bytes() == data


def test_copy_a_mebibyte_both_ways_by_mpremotes_own_library(transport, bridge):
    data = random.Random(1).randbytes(1 << 20)
    transport.enter_raw_repl()
    transport.fs_writefile("copied", data, chunk_size=8192)
    assert (bridge.cwd / "copied").read_bytes() == data
    assert transport.fs_readfile("copied", chunk_size=8192) == data
    assert transport.fs_hashfile("copied", "sha256", chunk_size=8192) == hashlib.sha256(data).digest()


def test_files_live_in_the_working_directory(mpremote, bridge):
    (bridge.cwd / "here").write_bytes(b"content")
    assert mpremote("fs", "cat", ":here") == b"content"
    assert b" here\n" in mpremote("fs", "ls", ":")
    mpremote("fs", "mkdir", ":folder")
    mpremote("fs", "touch", ":folder/empty")
    assert (bridge.cwd / "folder" / "empty").read_bytes() == b""
    mpremote("fs", "rm", ":folder/empty")
    mpremote("fs", "rmdir", ":folder")
    assert not (bridge.cwd / "folder").exists()


def test_files_stay_over_a_soft_reset(mpremote):
    mpremote("exec", "with open('stays', 'w') as f: x = f.write('here')")
    mpremote("soft-reset")
    assert mpremote("exec", "print(open('stays').read())") == b"here\n"


# -- mount


@pytest.fixture
def mounted(tmp_path):
    folder = tmp_path / "mounted"
    folder.mkdir()
    (folder / "values").write_bytes(bytes(range(256)) * 8)
    (folder / "module.py").write_text("def answer():\n    return 6 * 7\n")
    return folder


# mpremote's word about the mount may come after the program's output: only that is flushed at once.


def test_mounted_file_of_all_values_is_read(mpremote, mounted):
    output = mpremote("mount", mounted, "exec", "print(open('values', 'rb').read() == bytes(range(256)) * 8)")
    assert b"True" in output.splitlines()


def test_mounted_file_of_all_values_is_written(mpremote, mounted):
    code = "f = open('written', 'wb'); x = f.write(bytes(range(256)) * 8); f.close()"
    mpremote("mount", mounted, "exec", code)
    assert (mounted / "written").read_bytes() == bytes(range(256)) * 8


def test_mounted_module_is_imported(mpremote, mounted):
    output = mpremote("mount", mounted, "exec", "import module; print(module.answer())")
    assert b"42" in output.splitlines()


def test_program_using_a_mounted_file_again_and_again(mpremote, mounted):
    code = "print(sum(len(open('values', 'rb').read()) for _ in range(20)))"
    assert b"40960" in mpremote("mount", mounted, "exec", code).splitlines()


def test_mount_survives_a_soft_reset_in_the_terminal(transport, mounted):
    """What mpremote's terminal does on Ctrl-D: it waits for the reboot and the banner, and mounts again."""
    shown = bytearray()
    transport.enter_raw_repl()
    transport.mount_local(str(mounted))
    transport.exit_raw_repl()
    transport.read_until(4, b">>> ")
    for _ in range(3):
        shown.clear()
        transport.write_ctrl_d(shown.extend)
        assert b"MPY: soft reboot\r\n" in shown and b"Remount local directory" in shown and shown.endswith(b">>> ")
        transport.serial.write(b"len(open('values', 'rb').read())\r")
        assert b"2048" in transport.read_until(4, b"8\n>>> ")


def test_busy_bridge_is_an_error_for_mpremote(bridge, mpremote):
    repl.banner(bridge.connect_raw())
    assert mpremote("exec", "print(6*7)", check=False).returncode != 0
