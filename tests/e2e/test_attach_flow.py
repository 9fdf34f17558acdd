"""Back-pressure through mpremote-attach in both directions: a slow side loses nothing and costs no memory."""

import hashlib
import os
import random
import socket

import pytest
from support import processes
from support.bridge import LOCALHOST, program
from support.device import DeviceClient
from support.flow import MIB, Sender, check_both_directions, check_slow_board, wait_until_stuck
from support.waiting import wait_until

SIZE = 10 * MIB
# More than all the kernel's buffers and the bridge's own can take on the way.
INPUT_SIZE = 32 * MIB
MEMORY_MIB = 32


def gushed(count):
    """What the gush program writes."""
    source = random.Random(2217)
    return b"".join(source.randbytes(min(65536, count - at)) for at in range(0, count, 65536))


def test_slow_reader_loses_nothing(attached, board_dir):
    (board_dir / "size").write_text(str(SIZE))
    bridge, attach = attached(board=program("gush"))
    client = attach.open()
    client.send(b".")
    for stop in range(0, MIB, MIB // 4):
        client.fill(stop)
        attach.wait_until_idle()
        bridge.wait_until_idle()
        assert not (board_dir / "done").exists(), "a program without a reader must be held up"
    client.fill(SIZE, deadline=120)
    assert hashlib.sha256(client.buffer).digest() == hashlib.sha256(gushed(SIZE)).digest()
    assert processes.peak_memory_mib(attach.pid) < MEMORY_MIB


@pytest.mark.parametrize("held", [True, False], ids=["stalled-board", "reading-board"])
def test_slow_board_loses_nothing(attached, board_dir, held):
    (board_dir / "size").write_text(str(INPUT_SIZE))
    if held:
        (board_dir / "hold").touch()
    _, attach = attached(board=program("hash_input"))
    client = attach.open()
    check_slow_board(attach, client, board_dir, INPUT_SIZE, piece=4096)
    assert processes.peak_memory_mib(attach.pid) < MEMORY_MIB


def test_both_directions_at_once(attached):
    _, attach = attached(board=program("echo_bytes"))
    check_both_directions(attach.open(), 2 * MIB, piece=4096)


def test_program_that_never_reads_does_not_delay_the_end(attached, board_dir):
    (board_dir / "size").write_text(str(SIZE))
    _, attach = attached(board=program("gush"))
    client = attach.open()
    client.send(b".")
    attach.wait_until_idle()
    attach.process.terminate()
    assert attach.wait(15) == 0


# -- a server that accepts and does not read


@pytest.fixture
def deaf_server():
    with socket.create_server((LOCALHOST, 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        yield listener


def test_server_that_never_reads_does_not_delay_the_end(start_attach, deaf_server):
    attach = start_attach(f"{LOCALHOST}:{deaf_server.getsockname()[1]}", "-v")
    sender = Sender(attach.open(), bytes(INPUT_SIZE))
    sender.start()
    wait_until(lambda: sender.sent, "sending has begun")
    wait_until_stuck(attach, sender)
    assert sender.sent < INPUT_SIZE
    attach.process.terminate()
    assert attach.wait(15) == 0
    sender.join(60)


def test_programs_that_come_and_go_do_not_fill_the_memory(start_attach, deaf_server):
    """What each of them leaves is kept for the server, but not without limit."""
    attach = start_attach(f"{LOCALHOST}:{deaf_server.getsockname()[1]}", "-v", "--keep")
    attach.wait_for_log("Connected to")
    before = processes.peak_memory_mib(attach.pid)
    for _ in range(4000):
        client = DeviceClient(attach.path)
        write_what_fits(client)
        client.close()
        attach.wait_until_asleep()
    assert processes.peak_memory_mib(attach.pid) - before < 20


def write_what_fits(client):
    """At most as much as the device takes by itself."""
    try:
        for _ in range(16):
            os.write(client.descriptor, bytes(4096))
    except BlockingIOError:
        pass
