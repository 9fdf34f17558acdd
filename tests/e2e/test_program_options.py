"""Options meant for MicroPython: they reach it and have their effect."""

import json

import pytest
from support import repl
from support.bridge import program


def start_with(start_bridge, *options):
    client = start_bridge(*options).connect_raw()
    repl.banner(client)
    return client


@pytest.mark.parametrize(
    "options, level",
    [
        ([], 0),
        (["-O"], 1),
        (["-O", "-O"], 2),
        (["-OO"], 2),
        (["-OOO"], 3),
        (["-O", "-O", "-O"], 3),
        (["-OO", "-O"], 3),
    ],
    ids=str,
)
def test_optimization_is_really_in_force(start_bridge, options, level):
    client = start_with(start_bridge, *options)
    assert repl.typed(client, "import micropython; micropython.opt_level()") == f"{level}\r\n".encode()


def test_optimization_holds_after_a_soft_reset(start_bridge):
    client = start_with(start_bridge, "-O", "-O")
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)
    assert repl.typed(client, "import micropython; micropython.opt_level()") == b"2\r\n"


@pytest.mark.parametrize("mib", [1, 8])
def test_heap_size(start_bridge, mib):
    client = start_with(start_bridge, "-X", f"heapsize={mib}M")
    total = int(repl.typed(client, "import gc; gc.mem_free() + gc.mem_alloc()"))
    assert 0.9 * mib < total / 2**20 < 1.1 * mib


def test_native_code(start_bridge):
    client = start_with(start_bridge, "-X", "heapsize=4M", "-X", "emit=native")
    assert repl.typed(client, "print((lambda: 6*7)())") == b"42\r\n"
    total = int(repl.typed(client, "import gc; gc.mem_free() + gc.mem_alloc()"))
    assert 3.6 < total / 2**20 < 4.4


def test_working_directory(start_bridge, board_dir, tmp_path):
    client = start_bridge(started_in=tmp_path).connect_raw()
    repl.banner(client)
    assert repl.typed(client, "import os; os.getcwd()") == repr(str(board_dir)).encode() + b"\r\n"


def test_working_directory_may_be_relative(start_bridge, board_dir):
    client = start_bridge(cwd="board", started_in=board_dir.parent).connect_raw()
    repl.banner(client)
    assert repl.typed(client, "import os; os.getcwd()") == repr(str(board_dir)).encode() + b"\r\n"


def test_verbose_micropython_traces(start_bridge):
    client = start_with(start_bridge, "--mp-verbose", "--mp-verbose")
    client.send(b"6*7\r")
    assert b"LOAD_CONST_SMALL_INT 42" in client.read_until(b"\n42\r\n")


# -- the words themselves, seen by a program in MicroPython's place


def words_received(start_bridge, board_dir, *options):
    client = start_bridge(*options, board=program("fake_micropython")).connect_raw()
    repl.banner(client)
    return json.loads((board_dir / "starts").read_text().splitlines()[0])


def contains(words, part):
    return any(words[at : at + len(part)] == part for at in range(len(words)))


def test_implementation_options_are_passed_on_in_order(start_bridge, board_dir):
    words = words_received(start_bridge, board_dir, "-X", "heapsize=4M", "-X", "emit=native")
    assert words == ["-X", "heapsize=4M", "-X", "emit=native"]


def test_no_option_means_no_argument(start_bridge, board_dir):
    assert words_received(start_bridge, board_dir) == []


@pytest.mark.parametrize("times", [1, 3])
def test_mp_verbose_is_passed_on_as_often_as_given(start_bridge, board_dir, times):
    words = words_received(start_bridge, board_dir, *["--mp-verbose"] * times)
    assert "".join(words).count("v") == times
    assert all(set(word) <= set("-v") for word in words)


def test_mp_verbose_is_not_the_bridges_own(start_bridge):
    bridge = start_bridge("--mp-verbose")
    repl.banner(bridge.connect_raw())
    assert bridge.lines == []


def test_raw_arguments(start_bridge, board_dir):
    words = words_received(start_bridge, board_dir, "--micropython-args=-X heapsize=4M script.py one")
    assert contains(words, ["-X", "heapsize=4M", "script.py", "one"])


def test_raw_arguments_as_a_word_of_their_own(start_bridge, board_dir):
    words = words_received(start_bridge, board_dir, "--micropython-args", "script.py one")
    assert contains(words, ["script.py", "one"])


def test_raw_arguments_come_after_the_options(start_bridge, board_dir):
    words = words_received(start_bridge, board_dir, "--micropython-args=script.py", "-X", "heapsize=4M")
    assert words == ["-X", "heapsize=4M", "script.py"]


def test_options_may_follow_the_executable(start_bridge, board_dir):
    bridge = start_bridge("-v", program("fake_micropython"), "-O", "-O", "-X", "heapsize=4M", board="")
    repl.banner(bridge.connect_raw())
    words = json.loads((board_dir / "starts").read_text().splitlines()[0])
    assert contains(words, ["-X", "heapsize=4M"])
    assert "MicroPython optimization: -OO" in bridge.messages("INFO")
