"""Much data at once: where one side is slow, the other one waits, and nothing is lost."""

import hashlib
import random
import threading

from . import processes
from .waiting import wait_until

MIB = 1 << 20


def random_bytes(count):
    """The bytes of the gush program."""
    source = random.Random(2217)
    while count:
        block = source.randbytes(min(count, 65536))
        count -= len(block)
        yield block


def digest_of_random_bytes(count):
    digest = hashlib.sha256()
    for block in random_bytes(count):
        digest.update(block)
    return digest.hexdigest()


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


class Sender(threading.Thread):
    """Sends in the background and counts what was taken."""

    def __init__(self, client, data, piece=65536):
        super().__init__(daemon=True)
        self.client, self.data, self.piece, self.sent = client, data, piece, 0

    def run(self):
        try:
            for at in range(0, len(self.data), self.piece):
                self.client.send(self.data[at : at + self.piece])
                self.sent = at + self.piece
        except (OSError, ValueError):
            pass  # the test is over, or fails by what did not arrive


def wait_until_stuck(daemon, sender):
    """Nothing more is taken from the sender, and the daemon has nothing to do."""
    samples = []

    def stuck():
        samples.append((sender.sent, processes.cpu_seconds(daemon.pid)))
        return len(samples) > 30 and len(set(samples[-30:])) == 1 and processes.state(daemon.pid) == "S"

    wait_until(stuck, "the sender is held up")


def check_slow_reader(bridge, client, board_dir, size):
    """The board runs the gush program, which is to be held up until its output is read."""
    client.send(b".")
    reader = Hasher(client)
    for stop in range(0, MIB, MIB // 4):
        reader.read(stop, limit=500)
        bridge.wait_until_idle()
        assert not (board_dir / "done").exists(), "a program without a reader must be held up"
    reader.read(size)
    assert reader.digest.hexdigest() == digest_of_random_bytes(size)


def check_slow_board(daemon, client, board_dir, size, piece=65536):
    """The board runs the hash_input program, which reads nothing as long as there is a file named hold."""
    data = random.Random(7).randbytes(size)
    sender = Sender(client, data, piece)
    sender.start()
    if (board_dir / "hold").exists():
        wait_until(lambda: sender.sent, "sending has begun")
        wait_until_stuck(daemon, sender)
        assert sender.sent < size, "all was taken in"
        (board_dir / "hold").unlink()
    client.read_until(b"sha256=", deadline=120)
    assert client.read_until(b".")[:-1].decode() == hashlib.sha256(data).hexdigest()
    sender.join(60)


def check_both_directions(client, size, piece=65536):
    """The board sends back what it reads: more than all buffers hold, sent and read at the same time."""
    data = random.Random(9).randbytes(size)
    sender = Sender(client, data, piece)
    sender.start()
    reader = Hasher(client)
    reader.read(len(data))
    sender.join(60)
    assert reader.digest.hexdigest() == hashlib.sha256(data).hexdigest()
