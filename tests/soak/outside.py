"""What happens meanwhile and is no client's business: it must do none of them any harm."""

import os
import select
import socket
import struct
import time
import traceback

from soak.world import STORM_ADDRESS, STRANGER_ADDRESS

_STORM_DEADLINE = 5.0


def stop_bridge(world, rng):
    """The machine is suspended, as far as the bridge can tell."""
    seconds = 10 if rng.random() < 0.05 else rng.uniform(0.05, 2)
    with world.stopped(world.bridge.pid, os.getpid()):
        world.pause(seconds)
    world.tally.fault("bridge stopped and continued")


def stop_board(world, rng):
    """MicroPython stands still for a while."""
    with world.stopped(world.bridge.board_pid(), world.bridge.pid):
        world.pause(rng.uniform(0.05, 2))
    world.tally.fault("MicroPython stopped and continued")


def kill_spare(world, _):
    """The next MicroPython is killed before it has its turn."""
    if world.kill_spare():
        world.tally.fault("MicroPython in standby killed")


def storm(world, rng):
    """Connections as fast as they can be made, all open at once, closed in any way."""
    sockets, port = [], rng.choice((world.bridge.port, world.bridge.socket_port))
    for _ in range(rng.randint(20, 100)):
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind((STORM_ADDRESS, 0))
        sock.connect_ex((STRANGER_ADDRESS, port))
        sockets.append(sock)
    _wait_until_connected(sockets)
    world.pause(rng.uniform(0, 0.5))
    for sock in sockets:
        if rng.random() < 0.3:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
    world.tally.fault("storm of connections")
    world.tally.fault("connections in storms", len(sockets))


def _wait_until_connected(sockets):
    end, waiting = time.monotonic() + _STORM_DEADLINE, set(sockets)
    while waiting and time.monotonic() < end:
        waiting -= set(select.select([], waiting, [], 0.1)[1])


ALL = [stop_bridge, stop_bridge, stop_board, stop_board, kill_spare, storm]


def run(world, rng):
    """One thing after the other, with pauses, until the run ends."""
    while not world.ending.is_set():
        world.pause(rng.uniform(1, 6))
        try:
            rng.choice(ALL)(world, rng)
        except Exception:
            world.tally.fail(traceback.format_exc())
            raise
