"""The bridge runs out of something: it says so, waits, and goes on as soon as there is some again."""

import os
import random
import re
import resource
import tempfile

import pytest
from support import faults, processes, repl
from support.bridge import LOCALHOST, free_ports, micropython, run_once
from support.device import open_device
from support.flow import MIB, Sender
from support.waiting import wait_until
from test_adverse import connect_in_the_end

BUSY = b"\r\nError: Device busy - another client is connected\r\n"
NO_DESCRIPTOR = "WARNING - Cannot accept a connection: Too many open files"
ACCEPTED_AGAIN = "WARNING - Connections are accepted again"


def lines(bridge, pattern):
    return re.findall(pattern, bridge.log_text())


# -- connections that cannot be accepted


def test_client_waits_for_a_descriptor(bridge, kind):
    holder = bridge.connect_raw()
    repl.banner(holder)
    with faults.no_more_descriptors(bridge.pid):
        waiting = [bridge.connect(kind) for _ in range(10)]
        bridge.wait_for_log(NO_DESCRIPTOR)
        with faults.without_spinning(bridge.pid):
            waiting[0].collect(2)
        assert not waiting[0].buffer and not waiting[0].closed_by_peer
        assert repl.typed(holder, "6*7") == b"42\r\n"
    assert [client.read_to_end() for client in waiting] == [BUSY] * len(waiting)
    bridge.wait_for_log(ACCEPTED_AGAIN)
    holder.close()
    assert repl.fresh_prompt(bridge.connect(kind)) is None


def test_lack_of_descriptors_is_logged_every_ten_seconds(start_bridge):
    bridge = start_bridge("-v", "--standby", "0")
    with faults.no_more_descriptors(bridge.pid):
        waiting = bridge.connect_raw()
        bridge.wait_for_log(NO_DESCRIPTOR + "$")
        bridge.wait_for_log(NO_DESCRIPTOR + r" \(and \d+ more before it\)$")
    repl.banner(waiting)
    bridge.wait_for_log(ACCEPTED_AGAIN)
    assert len(bridge.messages("WARNING")) == 3


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))


def test_crowd_with_hardly_any_descriptors(start_bridge, kind):
    """Each refused client has one for up to a second; the others have to wait."""
    bridge = start_bridge("-v", preexec_fn=few_descriptors)
    holder = bridge.connect(kind)
    repl.banner(holder)
    bridge.wait_for_spares()
    files = len(processes.open_files(bridge.pid))
    with faults.without_spinning(bridge.pid):
        crowd = [bridge.connect(kind) for _ in range(25)]
        bridge.wait_for_log(NO_DESCRIPTOR)
        assert repl.typed(holder, "6*7") == b"42\r\n"
        for client in crowd:
            client.read_until(BUSY)
    wait_until(lambda: len(processes.open_files(bridge.pid)) == files, "the refused connections are closed")
    bridge.wait_for_log(ACCEPTED_AGAIN)
    holder.send(repl.RESET)
    holder.read_until(repl.REBOOT)
    repl.banner(holder)
    assert bridge.connect(kind).read_to_end() == BUSY


# -- a process that cannot be started

CANNOT_START = r"ERROR - Cannot (start|open|set up) .*: "
BACK_OFF = r"WARNING - MicroPython ended at once \(Cannot .*\), next start in \d+ ms"


def check_all_works(client):
    """Also what the bridge needs for more than passing bytes on: descriptors of the process, and its terminal."""
    assert repl.typed(client, "6*7") == b"42\r\n"
    repl.FriendlyMode.start(client, "print('go' + 'ing')\nwhile True: pass")
    client.read_until(b"going")
    client.send(repl.INTERRUPT)
    client.read_until(b"KeyboardInterrupt")
    client.read_until(repl.FRIENDLY_PROMPT)
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)


def reset_in_vain(client, bridge, reason):
    """A soft reset during a shortage, and the shortage for a while."""
    client.send(repl.RESET)
    bridge.wait_for_log(CANNOT_START + reason)
    client.read_until(b"next start in")
    with faults.without_spinning(bridge.pid):
        bridge.wait_for_log(BACK_OFF, count=4)
    assert client.read_until(b"1600 ms").count(reason.encode()) >= 4


def served_again(client):
    assert repl.banner(client).endswith(repl.FRIENDLY_PROMPT)
    check_all_works(client)


def test_reset_waits_for_descriptors(start_bridge, kind):
    bridge = start_bridge("-v", "--standby", "0")
    client = bridge.connect(kind)
    repl.banner(client)
    with faults.no_more_descriptors(bridge.pid):
        reset_in_vain(client, bridge, "Too many open files")
    served_again(client)


@pytest.mark.parametrize("standby", ["0", "1"])
def test_reset_with_any_number_of_descriptors_too_few(start_bridge, standby):
    """At every step of a start the next descriptor may be the one too many."""
    bridge = start_bridge("-v", "--standby", standby)
    client = bridge.connect_raw()
    repl.banner(client)
    highest = max(processes.open_files(bridge.pid))
    for limit in range(highest - 8, highest + 10):
        bridge.wait_until_idle()
        with faults.limited(bridge.pid, "nofile", limit):
            client.send(repl.RESET)
            client.read_until(repl.REBOOT)
            wait_until(lambda: client.buffer or client.receive_some(), "a process, or the reason why there is none")
        served_again(client)


def start_that_fails(*words, **kwargs):
    port, socket_port = free_ports(2)
    result = run_once("-H", LOCALHOST, "-p", port, "-s", socket_port, *words, micropython(), **kwargs)
    assert result.returncode == 1
    return result.stderr


def test_start_without_a_terminal_is_an_error(board_dir):
    error = start_that_fails("--cwd", board_dir, through=faults.with_mounts(faults.devpts(1)))
    assert error == "Error: Cannot open a pseudo-terminal: No space left on device\n"


def test_bridge_needs_two_terminals_and_no_more(start_bridge, kind):
    """One for the board, one for the PTY port; where none is left for a spare, a reset takes the board's."""
    bridge = start_bridge("-v", through=faults.with_mounts(faults.devpts(2)))
    client = bridge.connect(kind)
    repl.banner(client)
    for _ in range(5):
        check_all_works(client)
    bridge.wait_for_log("WARNING - Standby: Cannot open a pseudo-terminal: No space left on device")


def test_reset_waits_for_a_terminal(start_bridge, kind):
    bridge = start_bridge("-v", "--standby", "0", through=faults.with_mounts(faults.devpts(2)))
    client = bridge.connect(kind)
    repl.banner(client)
    faults.allow_terminals(bridge.pid, 1)
    reset_in_vain(client, bridge, "No space left on device")
    faults.allow_terminals(bridge.pid, 2)
    served_again(client)


def test_device_comes_back_when_there_are_descriptors_again(start_bridge):
    """Without one the bridge cannot find out who still has the device open, and needs another device."""
    bridge = start_bridge("-v", "--standby", "0")
    client = open_device(bridge)
    repl.banner(client)
    with faults.no_more_descriptors(bridge.pid):
        client.close()
        bridge.wait_for_log("ERROR - Cannot open a PTY port: Too many open files$")
        with faults.without_spinning(bridge.pid):
            bridge.wait_for_log(r"ERROR - Cannot open a PTY port: Too many open files \(and \d+ more before it\)$")
    bridge.wait_for_log("WARNING - PTY port made anew")
    assert len(bridge.messages("ERROR")) == 2
    repl.fresh_prompt(open_device(bridge))


# -- no more processes


@pytest.fixture
def own_user():
    """A user that nobody else is, as processes are counted by user; and a folder of that user."""
    if not faults.IS_ROOT:
        pytest.skip("only root can be another user")
    number = random.randrange(1 << 20, 1 << 30)
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, number, number)
        yield {"user": number, "group": number, "extra_groups": [], "cwd": folder}


def test_reset_waits_for_a_process(start_bridge, kind, own_user):
    bridge = start_bridge("-v", "--standby", "0", **own_user)
    client = bridge.connect(kind)
    repl.banner(client)
    with faults.limited(bridge.pid, "nproc", 1):
        reset_in_vain(client, bridge, "Resource temporarily unavailable")
    served_again(client)


# -- no more memory


def address_space(pid):
    size = int(processes.status(pid, "VmSize").split()[0]) * 1024
    if size > 1 << 40:
        pytest.skip("a sanitizer has taken all addresses already, and ends the process when there is no memory")
    return size


def test_reset_waits_for_memory(start_bridge, kind):
    """The bridge itself needs hardly any; but no program can be started within what it has."""
    bridge = start_bridge("-v", "--standby", "0")
    client = bridge.connect(kind)
    repl.banner(client)
    with faults.limited(bridge.pid, "as", address_space(bridge.pid) + MIB):
        client.send(repl.RESET)
        with faults.without_spinning(bridge.pid):
            bridge.wait_for_log("WARNING - MicroPython ended at once .*, next start in", count=4)
        client.read_until(b"800 ms")
    served_again(client)


@pytest.mark.parametrize("room", [1, 2, 3])
def test_lack_of_memory_costs_a_client_at_most(start_bridge, kind, room):
    """One that sends more than can be kept has to go; what the others need, there is."""
    bridge = start_bridge("-v", "--standby", "0")
    client = bridge.connect(kind)
    repl.banner(client)
    bridge.wait_until_idle()
    with faults.limited(bridge.pid, "as", address_space(bridge.pid) + room * MIB):
        client.send(b"import time; time.sleep(1000)\r")
        sender = Sender(client, b"#" * (8 * MIB))
        sender.start()
        bridge.wait_for_log(r"WARNING - Client .* is sent away: out of memory")
        heir = connect_in_the_end(bridge, kind)
        assert bridge.connect(kind).read_to_end() == BUSY
        heir.send(b"\x03")
        heir.read_until(b"KeyboardInterrupt")
    heir.send(b"\x03")
    heir.close()
    heir = connect_in_the_end(bridge, kind)
    heir.send(b"\x03\r6*7\r")
    heir.read_until(b"\r\n42\r\n>>> ", deadline=120)
    check_all_works(heir)
    assert processes.peak_memory_mib(bridge.pid) < 64
