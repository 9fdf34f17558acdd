"""--busy-poll: the bridge looks for the next event before it sleeps. All else is as without, and idle it sleeps."""

import random
import re
import signal

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, free_ports, micropython, program, run_once
from support.flow import MIB, check_both_directions, check_slow_board, check_slow_reader
from support.repl import INTERRUPT, MODES
from support.session import Session, next_bytes

SHORT, LONGEST = 50, 10_000
both_times = pytest.mark.parametrize("usec", [SHORT, LONGEST])


@pytest.fixture
def usec():
    return LONGEST


@pytest.fixture
def start(start_bridge, usec):
    """Starts bridges with the option."""
    return lambda *options, **kwargs: start_bridge("-v", "--busy-poll", usec, *options, **kwargs)


# -- it works


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_code_runs_and_is_interrupted(start, kind, mode):
    client = start().connect(kind)
    repl.banner(client)
    mode.enter(client)
    for number in range(20):
        assert repl.run(client, mode, f"print({number} + 1000)").strip() == b"%d" % (number + 1000)
    mode.start(client, "print('go' + 'ing')\nwhile True: pass")
    client.read_until(b"going")
    client.send(INTERRUPT)
    assert b"KeyboardInterrupt" in mode.finish(client)[1]
    assert repl.run(client, mode, "print(6*7)").strip() == b"42"


@both_times
@pytest.mark.parametrize("kind, mode", [("socket", "friendly"), ("rfc2217", "raw")])
def test_soft_resets(start, kind, mode):
    session = Session(start(), kind, mode)
    for _ in range(10):
        session.client.send(repl.RESET + session.command)
        next_bytes(session.client, session.reset_text + session.answer)


def connect(bridge, kind="socket", **kwargs):
    client = bridge.connect(kind, **kwargs)
    if kind == "rfc2217":
        client.agree_binary()
    client.socket.settimeout(120)
    return client


@pytest.mark.parametrize("size", [1, 5000])
def test_echo_of_single_messages(start, kind, size):
    client = connect(start(board="/bin/cat"), kind)
    source = random.Random(size)
    for _ in range(100):
        data = source.randbytes(size)
        client.send(data)
        assert client.read_exact(size) == data


@both_times
def test_both_directions_at_once(start, kind):
    check_both_directions(connect(start(board=program("echo_bytes")), kind), 2 * MIB)


# More than all the buffers on the way hold.
SIZE = 20 * MIB


def test_slow_reader_loses_nothing(start, board_dir):
    (board_dir / "size").write_text(str(SIZE))
    bridge = start(board=program("gush"))
    check_slow_reader(bridge, connect(bridge, receive_buffer=4096), board_dir, SIZE)


def test_slow_board_loses_nothing(start, board_dir):
    (board_dir / "size").write_text(str(SIZE))
    (board_dir / "hold").touch()
    bridge = start(board=program("hash_input"))
    check_slow_board(bridge, connect(bridge), board_dir, SIZE)


def test_one_client_after_another_and_one_too_many(start, kind):
    bridge = start()
    for number in range(10):
        client = bridge.connect(kind)
        client.send(b"print(%d + 1000)\r" % number)
        client.read_until(b"\r\n%d\r\n" % (number + 1000))
        refused = bridge.connect_raw()
        assert refused.read_to_end() == b"\r\nError: Device busy - another client is connected\r\n"
        client.close()
        bridge.wait_for_log("Disconnected", count=number + 1)


def test_two_bridges_at_the_same_time(start):
    """Each looks for its own events, and neither keeps the other from its."""
    clients = [connect(start(board="/bin/cat")) for _ in range(2)]
    for number in range(100):
        for client in clients:
            client.send(b"%06d" % number)
        for client in clients:
            assert client.read_exact(6) == b"%06d" % number


# -- the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("doing", ["", "pass", "print(1)"], ids=["resting", "looping", "flooding"])
def test_signal_ends_the_bridge_in_order(start, doing, number):
    bridge = start()
    client = bridge.connect_raw()
    repl.banner(client)
    if doing:
        repl.FriendlyMode.start(client, f"print('go' + 'ing')\nwhile True: {doing}")
        client.read_until(b"going")
    bridge.signal(number)
    assert bridge.wait(15) == 0
    assert processes.marked(bridge.marker) == []


# -- idle


@both_times
@pytest.mark.parametrize("connected", [True, False], ids=["silent-client", "nobody"])
def test_idle_bridge_does_nothing_at_all(start, connected):
    bridge = start()
    session = Session(bridge, "socket")
    session.reset()
    bridge.wait_for_spares()
    if not connected:
        session.client.close()
        bridge.wait_for_log("Disconnected")
    bridge.wait_until_it_sleeps()


def test_bridge_that_nobody_has_used_yet_does_nothing_at_all(start):
    start().wait_until_it_sleeps()


def test_option_has_its_effect(start, start_bridge):
    """What tells is the time on the CPU around a single event, hundreds of times that without the option."""
    spent = [spent_on_events(bridge) for bridge in (start(board="/bin/cat"), start_bridge("-v", board="/bin/cat"))]
    assert spent[0] > 3 * spent[1], spent


def spent_on_events(bridge):
    client = bridge.connect_raw()
    before = processes.cpu_nanoseconds(bridge.pid)
    for _ in range(10):
        client.send(b"x")
        client.read_exact(1)
        bridge.wait_until_idle()
    return processes.cpu_nanoseconds(bridge.pid) - before


# -- the option


@pytest.mark.parametrize("value", ["-1", str(LONGEST + 1), "1.5", "1ms", "", "99999999999999999999"])
def test_bad_time_is_a_usage_error(value):
    port, socket_port = free_ports(2)
    result = run_once("-H", LOCALHOST, "-p", port, "-s", socket_port, f"--busy-poll={value}", micropython())
    assert result.returncode == 2
    assert "--busy-poll" in result.stderr


def test_0_is_no_error_and_the_default(start_bridge):
    Session(start_bridge("--busy-poll=0"), "socket").nothing_more()
    assert re.search(r"--busy-poll USEC.*=0\b", run_once("--help").stdout)
