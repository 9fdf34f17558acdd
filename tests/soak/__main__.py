"""Runs the soak test, and says how it went."""

import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

from support.bridge import REPOSITORY

from soak import options, outside, report, sampling, verdict, visitors
from soak.tally import Tally
from soak.world import World

_KEPT = REPOSITORY / "build/soak"
_VISIT_DEADLINE = 300.0


def main():
    given = options.parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tally = Tally()
    print(f"==> {given.minutes:g} minutes, seed {given.seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        world = World(Path(folder), tally)
        try:
            interval = min(10.0, given.minutes)
            samplers = [sampling.Sampler(world, daemon, interval) for daemon in world.daemons()]
            for sampler, sample in zip(samplers, verdict.rest(world)):
                sampler.before = sample
            _live(world, given, samplers)
            tally.failures += _judge(world, samplers)
        finally:
            _end(world)
    text = report.markdown(given.seed, given.minutes, tally, samplers)
    print(text)
    if given.report:
        given.report.write_text(text)
    if tally.failures:
        _keep(world, given.seed, text, tally.failures)
    return 1 if tally.failures or tally.lost else 0


def _live(world, given, samplers):
    """Let all of them come and go for so long."""
    guests = [visitors.Visitor(world, random.Random(f"{given.seed}-{n}")).run for n in range(given.visitors)]
    threads = [*samplers, *(threading.Thread(target=run, daemon=True) for run in guests)]
    threads.append(threading.Thread(target=outside.run, args=(world, random.Random(f"{given.seed}-outside"))))
    for thread in threads:
        thread.start()
    try:
        _watch(world, given.minutes * 60)
    finally:
        world.ending.set()
    for thread in threads:
        thread.join(_VISIT_DEADLINE)
        if thread.is_alive():
            world.tally.fail("a visitor never came to an end")


def _judge(world, samplers):
    try:
        return verdict.problems(world, samplers)
    except Exception:  # what the run has seen must not go with it
        return [traceback.format_exc()]


def _watch(world, seconds):
    """Say now and then how it goes."""
    end = time.monotonic() + seconds
    while not world.ending.wait(min(60.0, max(0.0, end - time.monotonic()))) and time.monotonic() < end:
        tally = world.tally
        print(
            f"    {(end - time.monotonic()) / 60:.0f} minutes to go: {sum(tally.visits.values())} visits,"
            f" {sum(tally.refused.values())} refused, {tally.lost} bytes lost, {len(tally.failures)} failures",
            file=sys.stderr, flush=True,
        )  # fmt: skip
        if world.bridge.process.poll() is not None:
            tally.fail(f"the bridge has ended with status {world.bridge.process.returncode}")
            return


def _end(world):
    for daemon in world.daemons():
        if daemon.process.poll() is None:
            daemon.process.kill()
            daemon.process.wait()


def _keep(world, seed, text, failures):
    """For whoever looks for the cause."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    failed = "\n\n".join(failures)
    (_KEPT / f"{seed}.txt").write_text(f"{text}\n{failed}\n")
    (_KEPT / f"{seed}.log").write_text(world.bridge.log_text() + "\n")
    print(f"{failed}\n\nError: seed {seed} failed; kept in {_KEPT}/{seed}.txt and .log", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
