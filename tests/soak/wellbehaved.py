"""What clients do that leave the board as they found it: at its friendly prompt."""

import signal
import termios

from support import repl
from support.repl import FRIENDLY, FRIENDLY_PROMPT, INTERRUPT, RAW_BANNER, REBOOT, RESET, RawMode
from support.telnet import (
    BAUDRATE, BRK, COM_PORT, CONTROL, DATASIZE, PARITY, PURGE, RESUME, SERVER, STOPSIZE, SUSPEND, command,
    subnegotiation,
)  # fmt: skip

from soak import transfers

_RAW_REBOOT = REBOOT + RAW_BANNER
_BAUD_RATES = (300, 9600, 19200, 57600, 115200, 460800, 921600, 4000000)
_SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGBUS)
_ENDLESS = (
    "while True: pass",
    "import time; time.sleep(100)",
    "import sys; sys.stdin.readline()",
    "input()",
    "while True: print('x' * 1000)",
)
_ENDINGS = ("import sys; sys.exit()", "raise SystemExit", "import machine; machine.soft_reset()")


def transfer(world, rng, client):
    """Some blocks this way, that way or both."""
    repl.enter_raw(client)
    for _ in range(rng.randint(1, 3)):
        act = rng.choice(transfers.ALL)
        world.tally.transfer(**act(client, rng.randint(1, client.most_blocks), rng.randrange(256)))
        world.tally.count(world.tally.acts, act.__name__)
    _friendly(client)


def typing(world, rng, client):
    """Lines at the prompt, and what a board prints with its line ends."""
    repl.fresh_prompt(client)
    for _ in range(rng.randint(1, 10)):
        number = rng.randrange(1 << 30)
        assert repl.typed(client, f"{number} + 1") == b"%d\r\n" % (number + 1)
    count = rng.randint(1, 500)
    client.send(b"exec(\"for i in range(%d): print('line', i)\")\r" % count)
    client.read_until(b"\r\n")
    wanted = b"".join(b"line %d\r\n" % number for number in range(count))
    transfers.compare("printing", client, wanted)
    assert client.read_exact(4) == FRIENDLY_PROMPT
    world.tally.transfer(received=len(wanted))


def slow_typing(world, rng, client):
    """A line byte by byte."""
    repl.fresh_prompt(client)
    for byte in b"print(6 * 7)\r":
        client.send(bytes([byte]))
        world.pause(rng.uniform(0, 0.1))
    client.read_until(b"42\r\n" + FRIENDLY_PROMPT)
    world.tally.fault("a line byte by byte")


def interrupts(world, rng, client):
    """Ctrl-C ends what runs, and state is kept."""
    mode = rng.choice(repl.MODES)
    mode.enter(client)
    number = rng.randrange(1 << 30)
    repl.run(client, mode, f"kept = {number}")
    for _ in range(rng.randint(1, 3)):
        mode.start(client, f"print('going')\n{rng.choice(_ENDLESS)}")
        client.read_until(b"going")
        world.pause(rng.uniform(0, 0.2))
        client.send(INTERRUPT)
        output, error = mode.finish(client)
        assert b"KeyboardInterrupt" in output + error, (output[-200:], error)
    assert repl.run(client, mode, "print(kept)").strip() == b"%d" % number
    _friendly(client)


def unread_flood(world, rng, client):
    """The client does not read for a while; all that was printed is there when it does."""
    repl.enter_raw(client)
    RawMode.start(client, "number = 0\nwhile True:\n    print('%08d' % number, 'x' * 90)\n    number += 1")
    client.read_until(b"00000000 ")
    world.pause(rng.uniform(0.5, 5))
    client.send(INTERRUPT)
    output, error = RawMode.finish(client)
    assert b"KeyboardInterrupt" in error, error
    lines = (b"00000000 " + output).split(b"\n")[:-1]
    for number, line in enumerate(lines):
        if line != b"%08d " % number + b"x" * 90:
            raise transfers.LostData(f"flood, line {number} is {line!r}", 100)
    world.tally.transfer(received=len(output))
    _friendly(client)


def soft_resets(world, rng, client):
    """Ctrl-D, in the friendly or the raw REPL: RAM is cleared, and the answer is a board's, byte for byte."""
    if rng.random() < 0.5:
        repl.fresh_prompt(client)
        repl.typed(client, "kept = 1")
        for _ in range(rng.randint(1, 5)):
            client.send(RESET)
            assert client.read_until(FRIENDLY_PROMPT).startswith(b"\r\n" + REBOOT + b"MicroPython ")
            world.tally.reset()
        assert repl.typed(client, "'kept' in globals()") == b"False\r\n"
        return
    repl.enter_raw(client)
    for _ in range(rng.randint(1, 5)):
        client.send(RESET)
        wanted = b"OK\r\n" + _RAW_REBOOT
        assert client.read_exact(len(wanted)) == wanted
        world.tally.reset()
    _friendly(client)


def exits(world, rng, client):
    """The program ends MicroPython."""
    line = rng.choice(_ENDINGS)
    if rng.random() < 0.5:
        repl.fresh_prompt(client)
        client.send(line.encode() + b"\r")
        assert client.read_until(FRIENDLY_PROMPT).startswith(line.encode() + b"\r\n" + REBOOT)
    else:
        repl.enter_raw(client)
        client.send(line.encode() + RESET)
        assert client.read_until(RAW_BANNER) == b"OK\x04\x04" + _RAW_REBOOT
        _friendly(client)
    world.tally.reset()


def crash(world, rng, client):
    """Somebody kills MicroPython at its prompt: the client is told, and goes on with a new one."""
    number = rng.choice(_SIGNALS)
    client_mode = rng.choice((None, RAW_BANNER))
    if client_mode:
        repl.enter_raw(client)
    world.signal_board(number)
    crashed = b"MPY: crashed (%s)\r\n" % number.name.encode()
    client.read_until(crashed + REBOOT)
    client.read_until(client_mode or FRIENDLY_PROMPT)
    if client_mode:
        _friendly(client)
    world.tally.fault(f"MicroPython killed, {number.name}")
    world.tally.reset()


def crash_in_a_transfer(world, rng, client):
    """Somebody kills MicroPython while it sends: what it had sent arrives, without a gap."""
    repl.enter_raw(client)
    wanted = transfers.start_sending(client, 1 << 14, rng.randrange(256))
    client.fill(rng.randrange(1 << 16))
    number = rng.choice(_SIGNALS)
    crashed = b"MPY: crashed (%s)\r\n" % number.name.encode() + _RAW_REBOOT
    world.signal_board(number)
    received = client.read_until(crashed)[: -len(crashed)]
    if not (wanted + transfers.END).startswith(received):  # it may just have come to the end
        raise transfers.LostData("crash while it sent", transfers.missing(wanted[: len(received)], received))
    world.tally.transfer(received=len(received))
    world.tally.fault(f"MicroPython killed in a transfer, {number.name}")
    world.tally.reset()
    _friendly(client)


EVERYBODYS = [transfer] * 8 + [typing] * 2 + [slow_typing, interrupts, interrupts, unread_flood, soft_resets] + [
    exits, crash, crash_in_a_transfer,
]  # fmt: skip


# -- serial devices only


def speeds(world, rng, client):
    """The line's speed changes in the middle of data."""
    repl.fresh_prompt(client)
    for _ in range(rng.randint(1, 10)):
        number = rng.randrange(1 << 30)
        client.send(b"%d + 1\r" % number)
        client.set_speed(rng.choice((termios.B300, termios.B9600, termios.B115200, termios.B921600)))
        client.read_until(b"%d\r\n" % (number + 1) + FRIENDLY_PROMPT)
    world.tally.fault("speed of the serial device changed")


DEVICES = [speeds]


# -- RFC 2217 only


def settings(world, rng, client):
    """Baud rates and all the rest, in the middle of data."""
    repl.fresh_prompt(client)
    for _ in range(rng.randint(1, 20)):
        rate = rng.choice(_BAUD_RATES).to_bytes(4, "big")
        number = rng.randrange(1 << 30)
        client.send(b"%d + 1\r" % number)
        assert client.ask(BAUDRATE, rate) == rate
        client.read_until(b"%d\r\n" % (number + 1) + FRIENDLY_PROMPT)
        for code, values in ((DATASIZE, (5, 6, 7, 8)), (PARITY, (1, 2, 3, 4, 5)), (STOPSIZE, (1, 2, 3))):
            value = bytes([rng.choice(values)])
            assert client.ask(code, value) == value
        assert client.ask(CONTROL, bytes([rng.choice((8, 9, 11, 12))]))
    world.tally.fault("baud rate and other settings changed")


def breaks(world, rng, client):
    """With --on-break reset this is the board's reset button."""
    repl.fresh_prompt(client)
    repl.typed(client, "kept = 1")
    if rng.random() < 0.5:
        client.send_wire(command(BRK))
    else:
        client.tell(CONTROL, b"\x05")
        client.tell(CONTROL, b"\x06")
    client.read_until(b"MicroPython ")
    client.read_until(FRIENDLY_PROMPT)
    assert repl.typed(client, "'kept' in globals()") == b"False\r\n"
    world.tally.fault("break")
    world.tally.reset()


def interrupted_subnegotiation(world, rng, client):
    """It stops in the middle of a subnegotiation and goes on later."""
    repl.fresh_prompt(client)
    raw = subnegotiation(bytes([COM_PORT, BAUDRATE]) + (9600).to_bytes(4, "big"))
    start = len(client.events)
    for byte in raw:
        client.send_wire(bytes([byte]))
        world.pause(rng.uniform(0, 0.5))
    client.wait_event(("sb", bytes([COM_PORT, BAUDRATE + SERVER]) + (9600).to_bytes(4, "big")), start)
    client.send(b"print(6 * 7)\r")
    client.read_until(b"42\r\n" + FRIENDLY_PROMPT)
    world.tally.fault("pauses in a subnegotiation")


def suspended(world, rng, client):
    """Output waits until it is wanted again."""
    repl.enter_raw(client)
    seed, count = rng.randrange(256), rng.randint(1, 4096)
    wanted = transfers.start_sending(client, count, seed)
    client.tell(SUSPEND)
    client.sync()
    world.pause(rng.uniform(0.1, 1))
    client.tell(RESUME)
    transfers.compare("suspended download", client, wanted)
    assert client.read_exact(len(transfers.END)) == transfers.END
    world.tally.transfer(received=len(wanted))
    _friendly(client)


def purges(world, rng, client):
    """Purge on purpose, when nothing is under way."""
    repl.fresh_prompt(client)
    for value in (1, 2, 3):
        assert client.ask(PURGE, bytes([value])) == bytes([value])
    client.send(b"print(6 * 7)\r")
    client.read_until(b"42\r\n" + FRIENDLY_PROMPT)


TELNET = [settings, breaks, interrupted_subnegotiation, suspended, purges]


def _friendly(client):
    client.send(FRIENDLY)
    client.read_until(FRIENDLY_PROMPT)
