"""Limits of memory, files and file sizes: MicroPython gets its own exceptions, and neither it nor the bridge ends."""

import resource

import pytest
from support import repl
from support.bridge import LOCALHOST, free_ports, micropython, program, run_once

MIB = 1 << 20


@pytest.fixture(params=[[], ["--sandbox"]], ids=["free", "caged"])
def limited(request, start_bridge):
    """A client of a board with these limits, and its bridge."""

    def start(*options):
        bridge = start_bridge("-v", "--standby", "0", *request.param, *options)
        client = bridge.connect_raw()
        repl.banner(client)
        return bridge, client

    return start


def ends_in(bridge, client, code, error):
    """The code ends in this error; the same board goes on and remembers what it knew."""
    board = bridge.board_pid()
    repl.run(client, repl.FriendlyMode, "remembered = 41")
    repl.FriendlyMode.start(client, code)
    assert error in repl.FriendlyMode.finish(client)[1]
    assert bridge.board_pid() == board and bridge.process.poll() is None
    assert repl.typed(client, "remembered + 1") == b"42\r\n"


def test_memory(limited):
    """The heap is what MicroPython has of its own; --limit-memory holds what is beyond it."""
    bridge, client = limited("--limit-memory", "256M", "-X", "heapsize=16M")
    ends_in(bridge, client, "x = bytearray(64 << 20)", b"MemoryError")
    assert resource.prlimit(bridge.board_pid(), resource.RLIMIT_AS) == (256 * MIB, 256 * MIB)


STACKS = """
import _thread
x = _thread.stack_size(32 << 20)
hold = _thread.allocate_lock()
x = hold.acquire()
def wait():
    hold.acquire()
    hold.release()
try:
    for started in range(16): _thread.start_new_thread(wait, ())
finally:
    hold.release()
"""


def test_memory_of_threads(limited):
    """What MicroPython takes from the system besides its heap."""
    bridge, client = limited("--limit-memory", "256M", "-X", "heapsize=16M")
    ends_in(bridge, client, STACKS, b"OSError: ")
    repl.run(client, repl.FriendlyMode, "assert 2 < started < 8")


def test_memory_beyond_the_limit_cannot_be_had(start_bridge):
    """MicroPython's heap never grows, so another program asks the system for more."""
    client = start_bridge("--limit-memory", "1G", board=program("take_memory")).connect_raw()
    client.send(b"%d\n" % (512 * MIB))
    client.read_until(b"taken\n")
    client.send(b"%d\n" % (2048 * MIB))
    client.read_until(b"MemoryError\n")
    client.send(b"%d\n" % MIB)
    client.read_until(b"taken\n")


def test_file_size(limited, board_dir):
    bridge, client = limited("--limit-file-size", "64K")
    code = "f = open('file', 'wb')\nfor _ in range(17): x = f.write(bytes(4096))"
    ends_in(bridge, client, code, b"OSError: 27")
    assert (board_dir / "file").stat().st_size == 65536
    repl.typed(client, "f.close()")
    repl.run(client, repl.FriendlyMode, "f = open('another', 'wb')\nx = f.write(bytes(65536))\nf.close()")
    assert (board_dir / "another").stat().st_size == 65536


def test_files(limited, board_dir):
    bridge, client = limited("--limit-files", "16")
    # The list stays at its size, so that the error is that of open().
    ends_in(bridge, client, "kept = [None] * 32\nfor i in range(32): kept[i] = open('file%d' % i, 'w')", b"OSError: ")
    assert 8 <= len(list(board_dir.iterdir())) < 16
    repl.run(client, repl.FriendlyMode, "for f in kept:\n    if f: f.close()\nkept = None\nopen('file0').close()")


def test_too_many_files_is_that_error(limited):
    _, client = limited("--limit-files", "16")
    code = "import errno\nkept = [None] * 32\ntry:\n    for i in range(32): kept[i] = open('f', 'w')\n"
    code += "except OSError as e: print('errno', e.errno)"
    repl.FriendlyMode.start(client, code)
    assert b"errno 24" in repl.FriendlyMode.finish(client)[0]


@pytest.mark.parametrize("size, count", [("65536", 65536), ("64K", 65536), ("2M", 2 * MIB), ("1G", 1024 * MIB)])
def test_sizes_are_written_as_elsewhere(limited, size, count):
    bridge, _ = limited("--limit-file-size", size)
    assert resource.prlimit(bridge.board_pid(), resource.RLIMIT_FSIZE) == (count, count)


def test_limits_are_the_boards_and_not_the_bridges(start_bridge):
    which = (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE)
    before = [resource.getrlimit(each) for each in which]
    bridge = start_bridge("--limit-memory=512M", "--limit-files=32", "--limit-file-size=1M")
    [spare] = bridge.wait_for_spares()
    assert [resource.prlimit(bridge.pid, each) for each in which] == before
    for pid in (bridge.board_pid(), spare):
        assert [resource.prlimit(pid, each)[1] for each in which] == [512 * MIB, 32, MIB]


def test_limits_hold_after_a_reset(limited):
    bridge, client = limited("--limit-files=20")
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)
    assert resource.prlimit(bridge.board_pid(), resource.RLIMIT_NOFILE) == (20, 20)


def test_limit_that_lets_nothing_start_is_an_error(board_dir):
    """Too little memory for the program itself: it fails at once, and that is told."""
    port, socket_port = free_ports(2)
    result = run_once(
        "-H", LOCALHOST, "-p", port, "-s", socket_port, "--cwd", board_dir, "--limit-memory=1M", micropython()
    )
    assert result.returncode == 1
    assert "Error: " in result.stderr


def test_only_the_signal_for_a_file_too_large_is_ignored(start_bridge):
    client = start_bridge("--limit-file-size=1M", board=program("signal_masks")).connect_raw()
    client.send(b"\n")
    masks = dict(line.split() for line in client.read_until(b"end").decode().splitlines() if line.startswith("Sig"))
    xfsz = 1 << 24
    assert {name: int(mask, 16) for name, mask in masks.items()} == {"SigBlk:": 0, "SigIgn:": xfsz}
