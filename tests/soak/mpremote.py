"""mpremote itself, a process of its own that knows nothing of the others."""

import hashlib
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from support.bridge import VENV_BIN

from soak import clients
from soak.errors import Excused, Refused
from soak.world import STRANGER_ADDRESS

KIND = "mpremote"
_DEADLINE = 120.0
_TOO_LONG = 1.0
"""Seconds; mpremote has time limits of its own, and the machine may be busy."""
_BOARD_IN_USE = b"in use by another program"


def address(world, rng):
    """Any way to the board."""
    attached = [daemon.path for daemon in world.attached.values()]
    urls = [f"{kind}://{STRANGER_ADDRESS}:{world.bridge.port_of(kind)}" for kind in ("socket", "rfc2217")]
    return rng.choice([*urls, str(world.link), str(world.link.resolve()), rng.choice(attached)])


def _run(world, target, *arguments):
    """What it prints."""
    since, begin = world.log_position(), time.monotonic()
    result = subprocess.run(_command(target, *arguments), capture_output=True, timeout=_DEADLINE, check=False)
    if result.returncode == 0:
        return result.stdout
    said = result.stdout + result.stderr
    if _BOARD_IN_USE in said and "://" not in target:
        raise Refused
    if world.log_says(since, f"Rejected (pty connection|.* from {STRANGER_ADDRESS}:)"):
        raise Refused
    if world.seconds_stopped(begin) > _TOO_LONG:
        raise Excused
    raise AssertionError(f"mpremote {target} {arguments}: {result.returncode} {said[-2000:]!r}")


def _command(target, *arguments):
    return [str(VENV_BIN / "mpremote"), "connect", target, *map(str, arguments)]


@contextmanager
def _folder(world):
    """A temporary folder of ours."""
    with tempfile.TemporaryDirectory(dir=world.scratch) as name:
        yield Path(name)


def evaluate(world, rng, target):
    """A soft reset, and an expression."""
    number = rng.randrange(1 << 30)
    assert _run(world, target, "eval", f"{number} + 1") == b"%d\n" % (number + 1)
    world.tally.reset()


def resume(world, rng, target):
    """Without a soft reset."""
    count = rng.randint(1, 2000)
    output = _run(world, target, "resume", "exec", f"for i in range({count}): print(i)")
    wanted = b"".join(b"%d\n" % number for number in range(count))
    assert output == wanted, output
    world.tally.transfer(received=len(wanted))


def copy(world, rng, target):
    """A file there and back."""
    data = rng.randbytes(rng.randint(1, 1 << 14))
    with _folder(world) as folder:
        there, back, name = folder / "there", folder / "back", f"copied-{rng.randrange(1 << 30)}"
        there.write_bytes(data)
        copied = world.board_folder / name
        try:
            _run(world, target, "fs", "cp", there, f":{name}")
            assert copied.read_bytes() == data, "the copied file differs"
            world.tally.transfer(sent=len(data))
            _run(world, target, "fs", "cp", f":{name}", back)
            assert back.read_bytes() == data, "the file copied back differs"
            world.tally.transfer(received=len(data))
        finally:
            copied.unlink(missing_ok=True)


def mount(world, rng, target):
    """A folder of this side is read and written by the board."""
    data = rng.randbytes(rng.randint(1, 1 << 14))
    with _folder(world) as folder:
        (folder / "data").write_bytes(data)
        code = (
            "import binascii, hashlib; d = open('data', 'rb').read(); "
            "f = open('copy', 'wb'); f.write(d); f.close(); "
            "print(binascii.hexlify(hashlib.sha256(d).digest()).decode())"
        )
        output = _run(world, target, "mount", folder, "exec", code)
        assert hashlib.sha256(data).hexdigest().encode() in output, output
        assert (folder / "copy").read_bytes() == data, "the copy differs"
    world.tally.transfer(sent=len(data), received=len(data))
    world.tally.reset()


def killed(world, rng, target):
    """Killed while it copies a file, or serves one to the board, which may then wait for it without Ctrl-C."""
    with _folder(world) as folder:
        (folder / "data").write_bytes(bytes(1 << 16))
        name = f"copied-{rng.randrange(1 << 30)}"
        mounts = rng.random() < 0.5
        words = ["mount", folder, "exec", "while 1: open('data', 'rb').read()"] if mounts else [
            "fs", "cp", folder / "data", f":{name}"
        ]  # fmt: skip
        process = subprocess.Popen(_command(target, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        world.pause(rng.uniform(0.2, 2.5))
        world.deaf = mounts
        process.kill()
        process.wait()
        (world.board_folder / name).unlink(missing_ok=True)
    world.tally.fault("mpremote killed in " + ("mount" if mounts else "fs cp"))
    while world.deaf:
        try:
            with clients.visit(world, "raw"):
                pass
        except Refused as refusal:
            refusal.client.close()
            world.pause(0.2)


ACTS = [evaluate, resume, copy, copy, mount, mount, killed]
