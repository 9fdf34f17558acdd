"""Data whose every byte counts, there and back. Each function is called in the raw REPL and ends there."""

import hashlib
import time
from dataclasses import dataclass

from support.flow import Sender
from support.repl import RawMode

BLOCK = 64
END = b"\x04\x04>"
_MOST_FILLERS = 4096
_FILLER_PAUSE = 0.05

# The same on the board and here: eight digits that count the blocks, then values of all kinds that differ from block
# to block.
_BLOCK_CODE = """
values = bytes(range(256)) * 2
def block(number, seed):
    start = (number * 31 + seed) % 256
    return b"%08x" % number + values[start : start + 56]
"""
_SEND_CODE = """
import sys
for number in range({blocks}): sys.stdout.buffer.write(block(number, {seed}))
"""
# Without Ctrl-C, because the data has its value, too.
_RECEIVE_CODE = """
import binascii, hashlib, micropython, sys
micropython.kbd_intr(-1)
sys.stdout.write("ready")
digest = hashlib.sha256()
for _ in range({blocks}):
    data = sys.stdin.buffer.read(64)
    digest.update(data)
    if {echo}: sys.stdout.buffer.write(data)
micropython.kbd_intr(3)
print(binascii.hexlify(digest.digest()).decode())
"""
_here = {}
exec(_BLOCK_CODE, _here)  # pylint: disable=exec-used


def blocks(count, seed):
    return b"".join(_here["block"](number, seed) for number in range(count))


@dataclass
class LostData(Exception):
    """Something did not arrive, or arrived in another way."""

    what: str
    lost: int

    def __str__(self):
        return f"{self.what}: {self.lost} bytes lost"


def missing(wanted, found):
    """How many bytes of the blocks wanted were not found; at least one, for they differ."""
    gone = [at for at in range(0, len(wanted), BLOCK) if wanted[at : at + BLOCK] not in found]
    return max(1, len(gone) * BLOCK)


def start_sending(client, count, seed):
    """Let the board send so many blocks; returns what must come."""
    RawMode.start(client, _BLOCK_CODE + _SEND_CODE.format(blocks=count, seed=seed))
    return blocks(count, seed)


def download(client, count, seed):
    """The board sends blocks."""
    compare("download", client, start_sending(client, count, seed))
    assert client.read_exact(len(END)) == END
    return {"received": count * BLOCK}


def upload(client, count, seed):
    """The board reads blocks and answers with their digest."""
    data = blocks(count, seed)
    _start_receiving(client, count, echo=False)
    sender = Sender(client, data)
    sender.start()
    _finish_receiving("upload", client, data)
    sender.join()
    return {"sent": len(data)}


def echo(client, count, seed):
    """The board sends back what it reads, while more is sent."""
    data = blocks(count, seed)
    _start_receiving(client, count, echo=True)
    sender = Sender(client, data)
    sender.start()
    compare("echo", client, data)
    _finish_receiving("echo", client, data)
    sender.join()
    return {"sent": len(data), "received": len(data)}


ALL = [download, upload, echo]


def compare(what, client, wanted):
    try:
        client.fill(len(wanted))
    except AssertionError as error:
        raise LostData(f"{what}, {error}", missing(wanted, bytes(client.buffer))) from error
    found = client.take(len(wanted))
    if found != wanted:
        raise LostData(f"{what}, other bytes came", missing(wanted, found))


def _start_receiving(client, count, echo):  # pylint: disable=redefined-outer-name
    RawMode.start(client, _RECEIVE_CODE.format(blocks=count, echo=echo))
    assert client.read_exact(5) == b"ready"


def _finish_receiving(what, client, data):
    wanted = hashlib.sha256(data).hexdigest().encode() + b"\n"
    try:
        client.fill(len(wanted))
    except AssertionError as error:
        raise LostData(f"{what}, {error}", _fill_up(client)) from error
    if client.take(len(wanted)) != wanted:
        raise LostData(f"{what}, other bytes arrived", 1)
    assert client.read_exact(len(END)) == END


def _fill_up(client):
    """How many bytes the board still waits for."""
    for count in range(1, _MOST_FILLERS):
        client.send(b"\0")
        time.sleep(_FILLER_PAUSE)
        try:
            client.receive_some(0.001)
            return count
        except AssertionError:
            pass
    return _MOST_FILLERS
