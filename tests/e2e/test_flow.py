"""Back-pressure in both directions: a slow side loses nothing and costs no memory."""

import hashlib
import random
import threading

import pytest
from support import processes, repl, telnet
from support.bridge import program
from support.waiting import wait_until

MIB = 1 << 20
SIZE = 20 * MIB
# Far below what is on its way, far above what a daemon with bounded buffers needs.
MEMORY_MIB = 64


def random_bytes(count):
    """The bytes of the gush program."""
    source = random.Random(2217)
    while count:
        block = source.randbytes(min(count, 65536))
        count -= len(block)
        yield block


def connect(bridge, kind, **kwargs):
    client = bridge.connect(kind, **kwargs)
    if kind == "rfc2217":
        client.agree_binary()
    return client


class Hasher:
    """Takes data away from a client without keeping it."""

    def __init__(self, client):
        self.client = client
        self.digest = hashlib.sha256()
        self.count = 0

    def read(self, count, limit=1 << 16):
        while self.count < count:
            if not self.client.buffer:
                assert self.client.receive_some(limit=limit), "closed too early"
            data = self.client.take(min(len(self.client.buffer), count - self.count))
            self.digest.update(data)
            self.count += len(data)


def test_slow_reader_loses_nothing(start_bridge, board_dir, kind):
    (board_dir / "size").write_text(str(SIZE))
    bridge = start_bridge(board=program("gush"))
    client = connect(bridge, kind, receive_buffer=4096)
    client.send(b".")
    reader = Hasher(client)
    for stop in range(0, MIB, MIB // 4):
        reader.read(stop, limit=500)
        bridge.wait_until_idle()
        assert not (board_dir / "done").exists(), "a program without a reader must be held up"
    reader.read(SIZE)
    wanted = hashlib.sha256()
    for block in random_bytes(SIZE):
        wanted.update(block)
    assert reader.digest.hexdigest() == wanted.hexdigest()
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


class Sender(threading.Thread):
    """Sends in the background and counts what the network took."""

    def __init__(self, client, data):
        super().__init__(daemon=True)
        self.client, self.data, self.sent = client, data, 0

    def run(self):
        self.client.socket.settimeout(120)
        try:
            for at in range(0, len(self.data), 65536):
                self.client.send(self.data[at : at + 65536])
                self.sent = at + 65536
        except OSError:
            pass  # the test is over, or fails by what did not arrive


@pytest.mark.parametrize("held", [True, False], ids=["stalled-board", "reading-board"])
def test_slow_board_loses_nothing(start_bridge, board_dir, kind, held):
    (board_dir / "size").write_text(str(SIZE))
    if held:
        (board_dir / "hold").touch()
    bridge = start_bridge(board=program("hash_input"))
    client = connect(bridge, kind)
    data = random.Random(7).randbytes(SIZE)
    sender = Sender(client, data)
    sender.start()
    if held:
        wait_until(lambda: sender.sent, "sending has begun")
        wait_until_stuck(bridge, sender)
        assert sender.sent < SIZE, "the bridge has taken in everything"
        (board_dir / "hold").unlink()
    sender.join(120)
    client.read_until(b"sha256=", deadline=120)
    assert client.read_until(b".")[:-1].decode() == hashlib.sha256(data).hexdigest()
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


def wait_until_stuck(bridge, sender):
    """The network takes nothing more and the bridge has nothing to do."""
    samples = []

    def stuck():
        samples.append((sender.sent, processes.cpu_seconds(bridge.pid)))
        return len(samples) > 30 and len(set(samples[-30:])) == 1 and processes.state(bridge.pid) == "S"

    wait_until(stuck, "the sender is held up")


def test_both_directions_at_once(start_bridge, kind):
    """An echo of more than all buffers hold, sent and read at the same time."""
    client = connect(start_bridge(board=program("echo_bytes")), kind)
    data = random.Random(9).randbytes(4 * MIB)
    sender = Sender(client, data)
    sender.start()
    reader = Hasher(client)
    reader.read(len(data))
    sender.join(60)
    assert reader.digest.hexdigest() == hashlib.sha256(data).hexdigest()


def test_micropythons_output_survives_a_reader_that_pauses(bridge, kind):
    client = connect(bridge, kind, receive_buffer=4096)
    repl.enter_raw(client)
    repl.RawMode.start(client, "for i in range(300000): print(i)")
    client.read_exact(1000)
    bridge.wait_until_idle()
    wanted = b"".join(b"%d\n" % number for number in range(300000))
    assert client.read_exact(len(wanted) - 1000) == wanted[1000:]


def test_answers_do_not_queue_behind_megabytes_of_output(start_bridge, board_dir):
    """What the kernel takes for a client that reads slowly is ahead of every answer, so it must not be much."""
    (board_dir / "size").write_text(str(SIZE))
    bridge = start_bridge(board=program("gush"))
    client = bridge.connect_rfc().agree_com_port()
    client.send(b".")
    wait_until(lambda: client.receive_some(), "the flood begins")
    bridge.wait_until_idle()
    client.buffer.clear()
    client.sync()
    assert len(client.buffer) < MIB


@pytest.mark.parametrize("text", [b"\xff\xfa\x2c", b"\xff\xfa"], ids=["com-port", "no-option"])
def test_subnegotiation_without_end_costs_no_memory(start_bridge, text):
    bridge = start_bridge(board=program("echo_bytes"))
    client = bridge.connect_rfc()
    client.send_wire(text)
    for _ in range(64):
        client.send_wire(bytes(MIB))
    client.send_wire(telnet.command(telnet.SE) + b"after\n")
    client.read_until(b"after")
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


def test_flood_of_requests_without_reading_the_answers_costs_no_memory(start_bridge):
    bridge = start_bridge(board=program("echo_bytes"))
    client = bridge.connect_rfc(receive_buffer=4096)
    client.agree_com_port()
    question = telnet.subnegotiation(bytes([telnet.COM_PORT, telnet.BAUDRATE, 0, 0, 0, 0]))
    request = telnet.command(telnet.DO, 99) + telnet.command(telnet.AYT) + question
    sender = Sender(client, request * (16 * MIB // len(request)))
    sender.start()
    wait_until(lambda: sender.sent, "sending has begun")
    wait_until_stuck(bridge, sender)
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB
