"""Clients that break off, fall silent, vanish or talk nonsense. What they leave behind, the next one has to bear."""

import socket
import time

from support import repl
from support.repl import RawMode
from support.telnet import COM_PORT, command

from soak import transfers

VANISHED_DEADLINE = 30.0
"""Seconds after which the board is free again."""

_TCP_REPAIR = 19

# Lines of comment: what is left of them does no harm at a prompt.
_COMMENT = b"#" * 63 + b"\n"
_HALVES = (b"print('''half", b"def half():\r", b"\x05paste mode\r", b"\x01raw", b"\x01\x05A\x01paste")
_CONFUSING = (
    command(250, COM_PORT) + b"\0" * 5000,  # a subnegotiation without an end, longer than any
    command(250, COM_PORT, 1),
    command(253) + command(251),
    command(250, 255, 240),
    command(249, 248, 247, 246, 245),
)


def _in_a_download(world, rng, client):
    repl.enter_raw(client)
    transfers.start_sending(client, 1 << 14, rng.randrange(256))
    client.fill(rng.randrange(1, 1 << 16))


def _in_an_upload(world, rng, client):
    """Most of it is still under way, since nobody reads it yet."""
    repl.enter_raw(client)
    RawMode.start(client, "import sys, time\nprint('ready')\ntime.sleep(1)\nsys.stdin.buffer.read(1 << 20)")
    client.read_until(b"ready")
    client.send(_COMMENT * rng.randint(1, 1024))


def _in_a_flood(world, rng, client):
    """It has not read for a while."""
    repl.enter_raw(client)
    RawMode.start(client, "while True: print('x' * 200)")
    client.read_until(b"xxx")
    world.pause(rng.uniform(0, 3))


def _in_a_busy_loop(world, rng, client):
    repl.fresh_prompt(client)
    client.send(b"print('go' + 'ing')\rwhile True: pass\r\r")
    client.read_until(b"... \r\n")


def _at_half_a_line(world, rng, client):
    repl.fresh_prompt(client)
    client.send(rng.choice(_HALVES))


SITUATIONS = {
    "in a download": _in_a_download,
    "in an upload": _in_an_upload,
    "in a flood it does not read": _in_a_flood,
    "in a busy loop": _in_a_busy_loop,
    "at half a line": _at_half_a_line,
}
# Where the kernel soon finds out by itself that nobody is there.
_FLOWING = ["in a download", "in a flood it does not read"]


def _half_close(client):
    """Stop sending, read what still comes, and go."""
    client.end_of_input()
    client.read_to_end()


WAYS = {
    "close": lambda client: client.close(),
    "RST": lambda client: client.reset(),
    "half-close": _half_close,
    "no FIN": lambda client: client.vanish(),
}


def leave(world, rng, client, ways):
    """Go away in the middle of something."""
    way = rng.choice(ways)
    situation = rng.choice(_FLOWING if way == "no FIN" else list(SITUATIONS))
    SITUATIONS[situation](world, rng, client)
    WAYS[way](client)
    world.tally.fault(f"{way} {situation}")


def garbage(world, rng, client):
    """Anything at all, and then away."""
    for _ in range(rng.randint(1, 4)):
        client.send(rng.randbytes(rng.randrange(512)))
        world.pause(rng.uniform(0, 0.1))
    _leave_somehow(client, rng)
    world.tally.fault("garbage")


def telnet_garbage(world, rng, client):
    """What looks like telnet and is none."""
    for _ in range(rng.randint(1, 8)):
        data = rng.randbytes(rng.randrange(256)).replace(b"\0", b"\xff")
        client.send_wire(rng.choice((data, *_CONFUSING)))
    _leave_somehow(client, rng)
    world.tally.fault("telnet garbage")


def cut_subnegotiation(world, rng, client):
    """It stops in the middle of a subnegotiation, and never goes on."""
    client.send_wire(command(250, COM_PORT, 1) + b"\0\0")
    world.pause(rng.uniform(0, 3))
    _leave_somehow(client, rng)
    world.tally.fault("left in a subnegotiation")


def _leave_somehow(client, rng):
    rng.choice((client.close, client.reset))()


def may_vanish():
    """Whether the kernel lets this process close a socket without FIN (CAP_NET_ADMIN)."""
    with socket.socket() as sock:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR, 1)
        except OSError:
            return False
    return True


def vanish_idle(world, client):
    """Nothing is under way when it vanishes: only the kernel's probes can tell."""
    since, gone = world.log_position(), time.monotonic()
    client.vanish()
    freed = world.log_says(since, "Disconnected", 2 * VANISHED_DEADLINE)
    seconds = time.monotonic() - gone - world.seconds_stopped(gone)
    assert freed and seconds < VANISHED_DEADLINE, f"after {seconds:.1f} s the board is not free"
    world.tally.fault("no FIN when idle")


# -- those who were refused


def refused(world, rng, client):
    """How one takes it."""
    reaction = rng.choice(("close", "close", "linger", "RST", "send on", "half-close"))
    try:
        if reaction == "linger":
            world.pause(rng.uniform(0, 2))
        elif reaction == "RST":
            client.reset()
        elif reaction == "half-close":
            client.end_of_input()
        elif reaction == "send on":
            client.send(b"\x03\x04import sys; open('poison', 'w').close()\r" * rng.randint(1, 100))
    except OSError:
        pass  # the bridge has closed
    client.close()
    world.tally.fault(f"refused: {reaction}")
