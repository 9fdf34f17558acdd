"""Who may connect (--allow), and what clients cost that may not or that come too late (--max-pending)."""

import re
import socket
import threading
import time

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, program, run_once
from support.client import RawClient
from support.device import open_device
from support.telnet import TelnetClient
from support.waiting import DEADLINE, wait_until
from test_options import has_ipv6

STRANGER = "127.0.0.2"
BUSY = b"\r\nError: Device busy - another client is connected\r\n"
EXPOSED = "Everyone who can reach this machine"
REJECTED = "Rejected connection from .* - address not allowed"
REFUSAL_SECONDS = 1.0

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")


def connect_from(source, bridge, kind, host=LOCALHOST):
    """A client whose own address is `source`; all of 127.0.0.0/8 is this machine."""

    class Client({"socket": RawClient, "rfc2217": TelnetClient}[kind]):
        @staticmethod
        def _open(host, port, receive_buffer):
            return socket.create_connection((host, port), DEADLINE, source_address=(source, 0))

    client = Client(bridge.port_of(kind), host=host)
    bridge.clients.append(client)
    return client


def assert_turned_away(client):
    """Not one byte comes before the end. It may be a reset, as what the client has sent is not read."""
    try:
        assert client.receive_some() is False
    except (ConnectionResetError, BrokenPipeError):
        pass
    assert not client.buffer


def rejections(bridge):
    return [message for message in bridge.messages("WARNING") if re.match(REJECTED, message)]


# -- who gets in


def test_without_allow_everybody_gets_in(bridge, kind):
    repl.fresh_prompt(connect_from(STRANGER, bridge, kind))
    assert not rejections(bridge)


def test_only_who_is_allowed_gets_in(start_bridge, kind):
    bridge = start_bridge("-v", "--allow", LOCALHOST)
    assert_turned_away(connect_from(STRANGER, bridge, kind))
    assert repl.banner(bridge.connect(kind))


@pytest.mark.parametrize("network", ["127.0.0.64/26", "127.0.0.99/26", "::ffff:127.0.0.64/122"])
def test_a_network_is_as_large_as_its_prefix_says(start_bridge, kind, network):
    bridge = start_bridge("-v", "--allow", network)
    for outside in ("127.0.0.63", "127.0.0.128", LOCALHOST):
        assert_turned_away(connect_from(outside, bridge, kind))
    for inside in ("127.0.0.64", "127.0.0.127"):
        client = connect_from(inside, bridge, kind)
        repl.fresh_prompt(client)
        client.close()


def test_allow_can_be_repeated(start_bridge, kind):
    bridge = start_bridge("-v", "--allow", "127.0.0.3", "--allow=127.1.0.0/16")
    for inside in ("127.0.0.3", "127.1.255.255"):
        client = connect_from(inside, bridge, kind)
        repl.fresh_prompt(client)
        client.close()
    assert_turned_away(connect_from("127.2.0.0", bridge, kind))
    bridge.wait_for_log(r"INFO - Connections are accepted from 127\.0\.0\.3/32, 127\.1\.0\.0/16 only$")


@needs_ipv6
def test_ipv6_and_ipv4_are_allowed_separately(start_bridge, kind):
    bridge = start_bridge("-v", "--allow", "::1", host=None)
    assert_turned_away(bridge.connect(kind))
    assert repl.banner(bridge.connect(kind, host="::1"))


@needs_ipv6
@pytest.mark.parametrize("network", [LOCALHOST, "0.0.0.0/0", "::2/127"])
def test_ipv6_client_that_is_not_allowed(start_bridge, kind, network):
    bridge = start_bridge("-v", "--allow", network, host=None)
    assert_turned_away(bridge.connect(kind, host="::1"))
    bridge.wait_for_log(r"Rejected connection from \[::1\]:\d+ - address not allowed")


def test_the_serial_device_is_not_concerned(start_bridge):
    bridge = start_bridge("-v", "--allow", "192.0.2.1")
    repl.fresh_prompt(open_device(bridge))


# -- who does not


def test_a_stranger_does_not_disturb_the_client(start_bridge, kind):
    bridge = start_bridge("-v", "--allow", LOCALHOST)
    client = bridge.connect(kind)
    repl.banner(client)
    for number in range(50):
        client.send(b"%d + 1000\r" % number)
        for way in ("socket", "rfc2217"):
            assert_turned_away(connect_from(STRANGER, bridge, way))
        assert client.read_until(b">>> ") == b"%d + 1000\r\n%d\r\n>>> " % (number, number + 1000)
    assert "Disconnected" not in bridge.log_text()


def test_a_stranger_does_not_take_a_half_closed_clients_place(start_bridge, kind):
    bridge = start_bridge("-v", "--allow", LOCALHOST)
    client = bridge.connect(kind)
    repl.banner(client)
    repl.typed(client, "import time")
    client.send(b"time.sleep(0.3); print('late')\r")
    client.end_of_input()
    assert_turned_away(connect_from(STRANGER, bridge, kind))
    assert b"\r\nlate\r\n>>> " in client.read_to_end()


def test_a_stranger_does_not_lock_the_board(start_bridge, board_dir, kind):
    """Those that stay for ever have no place that anybody waits for, and see nothing of the banner."""
    bridge = start_bridge("-v", "--allow", LOCALHOST)
    strangers = [connect_from(STRANGER, bridge, kind) for _ in range(20)]
    client = bridge.connect(kind)
    assert repl.banner(client)
    for stranger in strangers:
        assert_turned_away(stranger)
    assert len(re.findall("Connected via", bridge.log_text())) == 1


@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_no_byte_of_a_stranger_reaches_the_board(start_bridge, board_dir, kind, size):
    bridge = start_bridge("-v", "--allow", LOCALHOST, board=program("record"))
    holder = bridge.connect(kind)
    holder.read_until(b"ready\n")
    for _ in range(20):
        stranger = connect_from(STRANGER, bridge, kind)
        try:
            stranger.send(b"#" * size)
        except (ConnectionResetError, BrokenPipeError):
            pass
        assert_turned_away(stranger)
    holder.close()
    bridge.wait_for_log("Disconnected")
    stranger = connect_from(STRANGER, bridge, kind)
    assert_turned_away(stranger)
    bridge.connect(kind).send(b"allowed.")
    path = board_dir / "input"
    wait_until(lambda: path.exists() and path.read_bytes().endswith(b"."), "the allowed input arrives")
    assert path.read_bytes() == b"allowed."


def test_many_strangers_at_once_from_many_addresses(start_bridge):
    bridge = start_bridge("-v", "--allow", LOCALHOST)
    client = bridge.connect_raw()
    repl.banner(client)
    bridge.wait_until_idle()
    files = len(processes.open_files(bridge.pid))
    start = time.monotonic()
    failures = []

    def come_from(network):
        try:
            for host in range(1, 101):
                for kind in ("socket", "rfc2217"):
                    assert_turned_away(connect_from(f"127.1.{network}.{host}", bridge, kind))
        except Exception as error:  # shown by the test's own thread
            failures.append(error)

    crowd = [threading.Thread(target=come_from, args=(network,)) for network in range(8)]
    for thread in crowd:
        thread.start()
    while any(thread.is_alive() for thread in crowd):
        assert repl.typed(client, "6*7") == b"42\r\n"
    for thread in crowd:
        thread.join()
    assert not failures
    assert len(processes.open_files(bridge.pid)) <= files
    assert 1 <= len(rejections(bridge)) <= 1 + (time.monotonic() - start) / 10
    assert processes.peak_memory_mib(bridge.pid) < 64
    bridge.wait_until_it_sleeps()


# -- the log


def test_the_first_stranger_is_logged_with_its_address(start_bridge, kind):
    bridge = start_bridge("--allow", LOCALHOST)
    stranger = connect_from(STRANGER, bridge, kind)
    bridge.wait_for_log(
        rf"WARNING - Rejected connection from 127\.0\.0\.2:{stranger.local_port} - address not allowed$"
    )


def test_further_strangers_are_counted_until_ten_seconds_have_passed(start_bridge):
    bridge = start_bridge("--allow", LOCALHOST)
    came = []

    def second_line():
        came.append(connect_from(STRANGER, bridge, "socket"))
        assert_turned_away(came[-1])
        came[-1].close()
        return rejections(bridge)[1:]

    start = time.monotonic()
    second = wait_until(second_line, "another warning")[0]
    assert time.monotonic() - start > 9
    more = int(re.search(r"\(and (\d+) more before it\)$", second)[1])
    assert 0 <= len(came) - 2 - more <= 1  # the line may be seen only after one more has come
    assert len(bridge.messages("WARNING")) == 2


def test_nothing_is_logged_about_who_is_allowed(start_bridge, kind):
    bridge = start_bridge("--allow", "127.0.0.0/8")
    repl.banner(connect_from(STRANGER, bridge, kind))
    bridge.signal(15)
    assert bridge.wait() == 0
    assert bridge.lines == []


def test_listeners_for_everybody_are_warned_of(start_bridge):
    bridge = start_bridge("-v", host=None)
    bridge.wait_for_log("Waiting for connection")
    assert EXPOSED in bridge.log_text()


def test_listeners_with_allow_are_not_warned_of(start_bridge):
    bridge = start_bridge("-v", "--allow", "127.0.0.0/8", host=None)
    bridge.wait_for_log("Waiting for connection")
    assert EXPOSED not in bridge.log_text()


# -- wrong values


@pytest.mark.parametrize("value", ["x", "10.0.0.1/33", "::1/129", "10.0.0.1/", "localhost", "[::1]", "10.0.0.1/-1", ""])
def test_allow_of_what_is_no_network_is_a_usage_error(value):
    result = run_once("--allow", LOCALHOST, "--allow", value, program("record"))
    assert result.returncode == 2
    assert "--allow" in result.stderr and f"'{value}'" in result.stderr


@pytest.mark.parametrize("value", ["0", "1025", "-1", "x", ""])
def test_max_pending_out_of_range_is_a_usage_error(value):
    result = run_once("--max-pending", value, program("record"))
    assert result.returncode == 2
    assert "--max-pending" in result.stderr


# -- refused clients that never close


def refuse(bridge, kind, count):
    """As many clients that are told that the board is busy, and do not leave."""
    clients = [bridge.connect(kind) for _ in range(count)]
    for client in clients:
        client.read_until(BUSY)
    return clients


@pytest.mark.parametrize("limit", [1, 5, 64, 200])
def test_refused_clients_that_never_close_are_limited_in_number_and_time(start_bridge, kind, limit):
    bridge = start_bridge("-v", "--max-pending", limit)
    holder = bridge.connect(kind)
    repl.banner(holder)
    bridge.wait_until_idle()
    files = len(processes.open_files(bridge.pid))

    start = time.monotonic()
    staying = refuse(bridge, kind, limit)
    held = len(processes.open_files(bridge.pid)) - files
    # On a machine so busy that this took a second, the first may be gone before the last has come.
    assert held == limit or time.monotonic() - start >= REFUSAL_SECONDS
    for _ in range(10):
        refuse(bridge, kind, 1)[0].read_to_end()
        assert len(processes.open_files(bridge.pid)) - files <= limit
    last = time.monotonic()
    wait_until(lambda: len(processes.open_files(bridge.pid)) == files, "the refused connections are closed")
    assert time.monotonic() - last < REFUSAL_SECONDS + 4
    assert [client.read_to_end() for client in staying] == [b""] * limit
    bridge.wait_until_it_sleeps()
    assert repl.typed(holder, "6*7") == b"42\r\n"


def test_who_comes_beyond_the_limit_is_told_and_closed_at_once(start_bridge, kind):
    bridge = start_bridge("-v", "--max-pending", "1")
    holder = bridge.connect(kind)
    repl.banner(holder)
    for _ in range(20):
        refuse(bridge, kind, 3)[-1].read_to_end()
    assert repl.typed(holder, "6*7") == b"42\r\n"


def test_refused_clients_that_never_stop_sending_are_closed_too(start_bridge, kind):
    bridge = start_bridge("-v", "--max-pending", "4")
    holder = bridge.connect(kind)
    repl.banner(holder)
    bridge.wait_until_idle()
    files = len(processes.open_files(bridge.pid))
    over = []

    def send_for_ever(client):
        try:
            while True:
                client.send(b"#" * 65536)
        except OSError as error:
            over.append(error)

    crowd = [threading.Thread(target=send_for_ever, args=(client,)) for client in refuse(bridge, kind, 4)]
    for thread in crowd:
        thread.start()
    while any(thread.is_alive() for thread in crowd):
        assert repl.typed(holder, "6*7") == b"42\r\n"
    for thread in crowd:
        thread.join()
    assert [type(error) for error in over if not isinstance(error, (ConnectionResetError, BrokenPipeError))] == []
    assert len(processes.open_files(bridge.pid)) == files
    bridge.wait_until_it_sleeps()


def test_strangers_take_no_place_of_refused_clients(start_bridge, kind):
    bridge = start_bridge("-v", "--max-pending", "1", "--allow", LOCALHOST)
    holder = bridge.connect(kind)
    repl.banner(holder)
    bridge.wait_until_idle()
    files = len(processes.open_files(bridge.pid))
    strangers = [connect_from(STRANGER, bridge, kind) for _ in range(10)]
    for stranger in strangers:
        assert_turned_away(stranger)
    assert len(processes.open_files(bridge.pid)) == files
    refuse(bridge, kind, 1)
    assert repl.typed(holder, "6*7") == b"42\r\n"
