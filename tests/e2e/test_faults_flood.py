"""One side says nothing to what the other one sends, for a minute: nothing is lost, kept without bound, or held up."""

import hashlib
import random
import statistics
import time

import pytest
from support import processes
from support.bridge import program
from support.flow import MIB, Hasher, Sender, random_bytes

SIZE = 48 * MIB  # more than all buffers on the way hold, while others come to see whether the client is still there
SECONDS = 60
MEMORY_MIB = 64
BUSY = b"\r\nError: Device busy - another client is connected\r\n"

pytestmark = pytest.mark.timeout(400)


def connect(bridge, kind):
    client = bridge.connect(kind)
    if kind == "rfc2217":
        client.agree_binary()
    client.socket.settimeout(120)
    return client


def seconds_to_refusal(bridge, kind):
    start = time.monotonic()
    client = bridge.connect(kind)
    assert client.read_to_end() == BUSY
    client.close()
    return time.monotonic() - start


def refuse_for_a_minute(bridge):
    """Others come all the time; the bridge takes no more memory and, as nothing can flow, no time."""
    end = time.monotonic() + SECONDS
    delays, memory = [], []
    while time.monotonic() < end:
        delays += [seconds_to_refusal(bridge, kind) for kind in ("socket", "rfc2217")]
        memory.append(processes.memory_mib(bridge.pid))
        time.sleep(0.2)
    # Other tests share the machine, so the better part has to do.
    assert statistics.quantiles(delays, n=4)[0] < 0.010
    assert memory[-1] < memory[len(memory) // 3] + 2
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


def test_program_floods_a_client_that_does_not_read(start_bridge, board_dir, kind):
    (board_dir / "size").write_text(str(SIZE))
    bridge = start_bridge(board=program("gush"))
    client = connect(bridge, kind)
    client.send(b".")
    refuse_for_a_minute(bridge)
    assert not (board_dir / "done").exists(), "a program without a reader must be held up"
    reader = Hasher(client)
    reader.read(SIZE)
    wanted = hashlib.sha256()
    for block in random_bytes(SIZE):
        wanted.update(block)
    assert reader.digest.hexdigest() == wanted.hexdigest()
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


def test_client_floods_a_program_that_does_not_read(start_bridge, board_dir, kind):
    (board_dir / "size").write_text(str(SIZE))
    (board_dir / "hold").touch()
    bridge = start_bridge(board=program("hash_input"))
    client = connect(bridge, kind)
    data = random.Random(11).randbytes(SIZE)
    sender = Sender(client, data)
    sender.start()
    refuse_for_a_minute(bridge)
    assert 0 < sender.sent < SIZE, "all was taken in"
    (board_dir / "hold").unlink()
    client.read_until(b"sha256=", deadline=120)
    assert client.read_until(b".")[:-1].decode() == hashlib.sha256(data).hexdigest()
    sender.join(60)
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB
