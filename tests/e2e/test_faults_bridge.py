"""The bridge itself is killed, suspended, or set to another time, and its disk is full."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
from support import faults, processes, repl
from support.bridge import LOCALHOST, Bridge, program
from support.device import DeviceClient
from support.session import Session
from support.waiting import wait_until

BUSY = b"\r\nError: Device busy - another client is connected\r\n"


# -- killed


def ports_for_many_bridges():
    """Two that nobody gets by chance, for connections or other tests, while no bridge has them."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first = int(file.read().split()[0])
    ports = []
    while len(ports) < 2:
        port = random.randrange(first - 10_000, first)
        try:
            socket.create_server((LOCALHOST, port)).close()
        except OSError:
            continue
        ports.append(port)
    return ports


class ShortLived(Bridge):
    """Is there to be killed, perhaps before it listens."""

    def _wait_until_listening(self):
        return True

    def wait_until_listening(self):
        return super()._wait_until_listening()


def nothing(_bridge, _client):
    pass


def flood(_bridge, client):
    client.send(b"while True: print('x' * 200)\r\r")


def resets(_bridge, client):
    client.send(repl.RESET * 5)


def much_input(_bridge, client):
    client.send(b"#" * 200_000)


def refusals(bridge, _client):
    for _ in range(5):
        bridge.connect_raw()


def half_close(_bridge, client):
    client.end_of_input()


def change_of_client(bridge, client):
    client.close()
    bridge.connect_rfc().send(b"6*7\r")


def client_of_the_device(bridge, client):
    client.close()
    try:
        bridge.clients.append(DeviceClient(bridge.options[-1]))
    except OSError:
        pass  # it is still locked


def orderly_end(bridge, _client):
    bridge.signal(signal.SIGTERM)


ACTIVITIES = [
    nothing, flood, resets, much_input, refusals, half_close, change_of_client, client_of_the_device, orderly_end
]  # fmt: skip


def live_and_be_killed(bridge, chance, kind):
    """One bridge from its start to the signal: it works at once, whatever the one before it left."""
    if chance.random() < 0.75:
        bridge.wait_until_listening()
        client = bridge.connect(kind)
        client.send(b"\r6*7\r")
        client.read_until(b"\r\n42\r\n>>> ")
        chance.choice(ACTIVITIES)(bridge, client)
    time.sleep(chance.uniform(0, 0.3))
    bridge.process.kill()
    bridge.wait()


def is_gone(device, killed):
    """The device, or somebody else's that has the same number since."""
    try:
        return os.stat(device).st_ctime > killed
    except FileNotFoundError:
        return True


@pytest.mark.timeout(900)
@pytest.mark.parametrize("batch", range(4))
def test_bridge_killed_at_any_moment(board_dir, tmp_path, batch):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed of batch {batch}: {seed}")
    chance = random.Random(seed)
    folder = tmp_path / "links"
    folder.mkdir()
    link = folder / "board"
    port, socket_port = ports_for_many_bridges()
    for number in range(50):
        bridge = ShortLived(board_dir, "-v", "--pty-link", link, port=port, socket_port=socket_port)
        try:
            live_and_be_killed(bridge, chance, chance.choice(["socket", "rfc2217"]))
            killed = time.time()
            wait_until(lambda: not processes.marked(bridge.marker), f"all processes are gone ({number})")
            # A child that the end found before its exec may have them open for one more moment.
            listening = lambda: any(map(processes.is_listening, (port, socket_port)))  # noqa: E731
            wait_until(lambda: not listening(), f"the ports are free ({number})")
        finally:
            bridge.stop()
        if link.is_symlink():
            wait_until(lambda: is_gone(os.readlink(link), killed), f"the device is gone ({number})")
    last = Bridge(board_dir, "-v", "--pty-link", link, port=port, socket_port=socket_port)
    repl.banner(last.connect_raw())
    assert last.stop() == 0
    assert os.listdir(folder) == []


# -- suspended


def suspend(bridge, seconds=10):
    """As a machine that sleeps: nothing of the bridge and its board runs for a while."""
    family = [bridge.pid, *processes.children(bridge.pid)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: all(processes.state(pid) == "T" for pid in family), "all are stopped")
    time.sleep(seconds)
    for pid in reversed(family):
        os.kill(pid, signal.SIGCONT)


def test_suspended_machine_goes_on(bridge, kind):
    session = Session(bridge, kind)
    client = session.client
    bridge.wait_for_spares()
    client.send(b"import time\rfor i in range(3): print('tick', i); time.sleep(0.2)\r\r")
    client.read_until(b"tick 0\r\n")
    suspend(bridge)
    assert client.read_until(b">>> ") == b"tick 1\r\ntick 2\r\n>>> "
    session.nothing_more()
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)
    client.end_of_input()
    client.read_to_end()
    repl.fresh_prompt(bridge.connect(kind))
    assert bridge.messages("WARNING") == []


def test_suspended_bridge_alone_loses_nothing(start_bridge, kind):
    """Its board and its clients go on; what they send waits in the kernel, and so do those who connect."""
    bridge = start_bridge("-v", board=program("echo_bytes"))
    client = bridge.connect(kind)
    client.send(b"before")
    client.read_until(b"before")
    bridge.signal(signal.SIGSTOP)
    others = [bridge.connect(kind) for _ in range(10)]
    client.send(b"meanwhile " * 1000)
    client.collect(10)
    bridge.signal(signal.SIGCONT)
    assert client.read_exact(10_000) == b"meanwhile " * 1000
    assert [other.read_to_end() for other in others] == [BUSY] * 10
    client.close()
    heir = bridge.connect(kind)
    heir.send(b"after")
    heir.read_until(b"after")


# -- another time

CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

/* Years forward or back with every look at the time of day. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    static int looks;
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += (++looks % 3 - 1) * 400 * 86400L;
    return result;
}
"""


@pytest.fixture
def jumping_clock(tmp_path):
    """An environment in which the time of day jumps all the time."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler here")
    source, library = tmp_path / "clock.c", tmp_path / "clock.so"
    source.write_text(CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    sanitizers = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": sanitizers}


def test_jumps_of_the_clock_change_nothing(start_bridge, jumping_clock, kind):
    bridge = start_bridge("-v", env=jumping_clock)
    session = Session(bridge, kind)
    years = {line[:4] for line in bridge.log_text().splitlines()}
    assert len(years) > 1, "the clock does not jump"
    for _ in range(20):
        session.reset()
        session.nothing_more()
    refused = bridge.connect(kind)
    refused.read_until(BUSY)
    refused.read_to_end(15)
    repl.FriendlyMode.start(session.client, "import time\nwhile True: print('tick'); time.sleep(.05)")
    session.client.read_until(b"tick")
    session.client.end_of_input()
    session.client.read_to_end(15)
    bridge.wait_for_log("Disconnected")
    heir = bridge.connect(kind)
    heir.send(repl.INTERRUPT)
    heir.read_until(b"KeyboardInterrupt")
    bridge.wait_until_it_sleeps()


def test_jumps_of_the_clock_do_not_shorten_the_back_off(start_bridge, jumping_clock):
    bridge = start_bridge("-v", board=program("exit_at_once"), env=jumping_clock)
    start = time.monotonic()
    bridge.wait_for_log("next start in 800 ms")
    assert time.monotonic() - start > 0.5
    bridge.wait_for_log("next start in 1600 ms")


# -- no room on the disk


def errors(bridge):
    return [*bridge.messages("WARNING"), *bridge.messages("ERROR")]


@pytest.mark.parametrize("options, number", [("size=64k", 28), ("ro", 30)], ids=["full", "read-only"])
def test_disk_that_takes_nothing_is_the_programs_business(start_bridge, board_dir, kind, options, number):
    bridge = start_bridge("-v", through=faults.with_mounts(faults.tmpfs(board_dir, options)))
    client = bridge.connect(kind)
    repl.banner(client)
    for _ in range(3):
        error = repl.typed(client, "f = open('f', 'w'); f.write('x' * 1000000); f.flush()")
        assert re.search(rb"OSError: (\[Errno )?%d\b" % number, error), error
        assert repl.typed(client, "6*7") == b"42\r\n"
        client.send(repl.RESET)
        client.read_until(repl.REBOOT)
        repl.banner(client)
    client.close()
    repl.fresh_prompt(bridge.connect(kind))
    assert errors(bridge) == []


def test_log_that_cannot_be_written_costs_nobody_anything(start_bridge, kind):
    bridge = start_bridge("-vvv", through=["sh", "-c", 'exec "$0" "$@" 2>/dev/full'])
    session = Session(bridge, kind)
    for _ in range(5):
        session.reset()
        session.nothing_more()
    assert bridge.connect(kind).read_to_end() == BUSY
