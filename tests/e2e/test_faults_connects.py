"""Connections in masses, of which nobody notices anything but a short delay."""

import random
import socket
import struct
import threading
import time

from support import faults, repl
from support.bridge import LOCALHOST
from support.waiting import DEADLINE

BUSY = b"\r\nError: Device busy - another client is connected\r\n"
NO_LINGERING = struct.pack("ii", 1, 0)
LONGEST_DELAY = 5.0


class Crowd:
    """Connects as fast as it can, and leaves in every way there is. Most do so by a reset, which keeps no port busy."""

    THREADS = 4

    def __init__(self, ports, count):
        self._ports, self._each = ports, count // self.THREADS
        self._failures = []
        self._threads = [threading.Thread(target=self._run) for _ in range(self.THREADS)]
        for thread in self._threads:
            thread.start()

    def is_there(self):
        return any(thread.is_alive() for thread in self._threads)

    def leave(self):
        for thread in self._threads:
            thread.join()
        assert not self._failures

    def _run(self):
        try:
            for number in range(self._each):
                self._come_and_go(number)
        except Exception as error:  # shown by the test's own thread
            self._failures.append(error)

    def _come_and_go(self, number):
        port = random.choice(self._ports)
        with socket.create_connection((LOCALHOST, port), DEADLINE) as one:
            # What is left to none of these is a reset at once.
            if number % 20 == 1:
                return
            if number % 20 == 2:
                one.shutdown(socket.SHUT_WR)
            elif number % 20 == 3:
                one.sendall(b"#" * 1000 + b"\r")
            elif number % 20 == 4:
                self._wait_for_words(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)

    @staticmethod
    def _wait_for_words(one):
        try:
            one.sendall(b"\r")
            assert one.recv(1)
        except ConnectionResetError:
            pass  # beyond --max-pending this may happen


def longest_delay(client, crowd):
    """The client works as long as the crowd is there."""
    longest, number = 0, 0
    while crowd.is_there():
        number += 1
        start = time.monotonic()
        assert repl.typed(client, f"{number}+{number}") == b"%d\r\n" % (2 * number)
        longest = max(longest, time.monotonic() - start)
    crowd.leave()
    return longest


def test_ten_thousand_connects_while_a_client_works(start_bridge, kind):
    bridge = start_bridge()
    ports = [bridge.port, bridge.socket_port]
    client = bridge.connect(kind)
    repl.banner(client)
    longest_delay(client, Crowd(ports, 1000))
    bridge.wait_until_it_sleeps()
    before = faults.Footprint(bridge.pid)

    assert longest_delay(client, Crowd(ports, 10_000)) < LONGEST_DELAY
    before.check()
    assert bridge.connect(kind).read_to_end() == BUSY
    bridge.wait_until_it_sleeps()


def test_thousands_that_get_in(start_bridge, kind):
    """With nobody there, each one is the client as long as it stays."""
    bridge = start_bridge("--standby", "0")
    ports = [bridge.port_of(kind)]
    Crowd(ports, 500).leave()
    bridge.wait_until_it_sleeps()
    before = faults.Footprint(bridge.pid)

    Crowd(ports, 3000).leave()
    before.check()
    client = bridge.connect(kind)
    client.send(b"\r6*7\r")
    client.read_until(b"\r\n42\r\n>>> ")
    bridge.wait_until_it_sleeps()
