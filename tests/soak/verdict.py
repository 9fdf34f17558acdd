"""What must hold when all clients are gone."""

import os

from support import processes, repl

from soak import clients, sampling

GROWTH_KIB = 1024
"""Allowed growth of a program's memory."""


def rest(world):
    """Bring the board to where it begins, see everybody go, and take a sample of each program."""
    for kind in clients.OPEN:  # the first connection of a program may cost it something for good
        with clients.visit(world, kind):
            pass
        world.bridge.wait_until_idle()
    with clients.visit(world, "raw") as client:
        client.send(repl.RESET)
        client.read_until(repl.REBOOT)
        client.read_until(repl.FRIENDLY_PROMPT)
    world.bridge.wait_for_spares()
    for daemon in world.daemons():
        daemon.wait_until_it_sleeps()
    return [sampling.take(daemon.pid) for daemon in world.daemons()]


def problems(world, samplers):
    """What of that does not hold, as sentences; ends the programs."""
    found = []
    for sampler, sample in zip(samplers, rest(world)):
        sampler.after = sample
        found += _compared(sampler)
    if (world.board_folder / "poison").exists():
        found.append("a refused client's input has reached the board")
    return [*found, *_ended(world)]


def _compared(sampler):
    name = sampler.program.name
    for field in ("descriptors", "threads", "children"):
        before, after = getattr(sampler.before, field), getattr(sampler.after, field)
        if before != after:
            yield f"{name}: {after} {field} in place of {before}"
    if zombies := processes.zombie_children(sampler.program.pid):
        yield f"{name}: zombies {zombies}"
    growth = sampler.last("rss_kib") - sampler.first("rss_kib")
    if growth > GROWTH_KIB:
        yield f"{name}: its memory has grown by {growth:.0f} KiB"


def _ended(world):
    links = [daemon.link for daemon in world.attached.values()] + [world.link]
    ports = [world.bridge.port, world.bridge.socket_port]
    for daemon in world.daemons():
        try:
            if status := daemon.stop():
                yield f"{daemon.name} ended with status {status}"
        except AssertionError as error:
            yield str(error)
    yield from (f"still there: {link}" for link in links if os.path.lexists(link))
    yield from (f"still listening: {port}" for port in ports if processes.is_listening(port))
