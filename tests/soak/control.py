"""Taking over a board that somebody left in whatever state."""

import signal
import time
import uuid

from support.repl import FRIENDLY, FRIENDLY_PROMPT, INTERRUPT, REBOOT, RESET
from support.waiting import DEADLINE

BUSY = b"Device busy"
_SHORT_STOP = 1.0
_ANSWER = 5.0
"""Seconds after which one tries again: what a former client had still sent may have run after our Ctrl-C."""


def take(world, client):
    """Come to the friendly prompt; nothing that was printed before is left in the client's buffer."""
    end = time.monotonic() + DEADLINE
    while not _answers(world, client):
        if client.closed_by_peer or BUSY in client.buffer or time.monotonic() > end:
            raise AssertionError(f"the board cannot be brought to its prompt; so far {bytes(client.buffer[-2000:])!r}")
        if world.deaf:
            world.tally.fault("reset button for a deaf board")
            world.signal_board(signal.SIGKILL)
    if world.deaf:
        # Whoever left it so may also have left a file system behind that nobody serves any more.
        client.send(RESET)
        client.read_until(REBOOT)
        client.read_until(FRIENDLY_PROMPT)
        world.deaf = False


def _answers(world, client):
    begin, token = time.monotonic(), uuid.uuid4().hex
    client.send(INTERRUPT + FRIENDLY + f"\rprint('{token[:8]}' + '{token[8:]}')\r".encode())
    try:
        client.read_until(token.encode() + b"\r\n" + FRIENDLY_PROMPT, _ANSWER)
        return True
    except AssertionError:
        if not client.closed_by_peer and BUSY not in client.buffer:
            stopped = world.seconds_stopped(begin) > _SHORT_STOP
            why = "all was stopped" if stopped else "the board was deaf" if world.deaf else "it was busy"
            world.tally.fault(f"Ctrl-C tried again: {why}")
            if why == "it was busy":
                world.note(f"Ctrl-C tried again: {bytes(client.buffer[-300:])!r}")
        return False
