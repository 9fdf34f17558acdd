"""The end of the bridge: on a signal in good order, on SIGKILL without leaving a board behind."""

import signal
import time

import pytest
from support import processes, repl
from support.bridge import program
from support.waiting import wait_until

ENDING = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
every_signal = pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)


def board_is_gone(pid):
    wait_until(lambda: not processes.exists(pid), "the board is gone and reaped")


@every_signal
def test_signal_ends_the_bridge_in_order(bridge, kind, number):
    client = bridge.connect(kind)
    repl.banner(client)
    board = bridge.board_pid()
    bridge.signal(number)
    assert bridge.wait() == 0
    assert client.read_to_end() == b""
    board_is_gone(board)
    assert not processes.is_listening(bridge.port) and not processes.is_listening(bridge.socket_port)


@every_signal
def test_signal_ends_the_bridge_without_a_client(bridge, number):
    board = bridge.board_pid()
    bridge.signal(number)
    assert bridge.wait() == 0
    board_is_gone(board)


def test_busy_board_is_ended_too(bridge):
    client = bridge.connect_raw()
    repl.banner(client)
    repl.FriendlyMode.start(client, "print('go' + 'ing')\nwhile True: pass")
    client.read_until(b"going")
    board = bridge.board_pid()
    bridge.signal(signal.SIGTERM)
    assert bridge.wait() == 0
    board_is_gone(board)


def test_board_is_asked_before_it_is_killed(start_bridge, board_dir):
    bridge = start_bridge(board=program("polite"))
    bridge.connect_raw().read_until(b"ready\n")
    bridge.signal(signal.SIGTERM)
    assert bridge.wait() == 0
    assert (board_dir / "terminated").exists()


def test_board_that_ignores_sigterm_is_killed_after_two_seconds(start_bridge):
    bridge = start_bridge(board=program("stubborn"))
    bridge.connect_raw().read_until(b"ready\n")
    board = bridge.board_pid()
    start = time.monotonic()
    bridge.signal(signal.SIGTERM)
    assert bridge.wait() == 0
    assert 1.8 < time.monotonic() - start < 15
    assert not processes.exists(board)


def test_client_that_does_not_read_does_not_delay_the_end(start_bridge, kind):
    bridge = start_bridge()
    client = bridge.connect(kind, receive_buffer=4096)
    repl.banner(client)
    client.send(b"while True: print('x' * 1000)\r\r\r")
    bridge.wait_until_idle()
    bridge.signal(signal.SIGTERM)
    assert bridge.wait(15) == 0


def test_signal_during_a_crash_loop_ends_the_bridge(start_bridge):
    bridge = start_bridge("-v", board=program("exit_at_once"))
    bridge.wait_for_log("WARNING")
    bridge.signal(signal.SIGTERM)
    assert bridge.wait(15) == 0


def test_second_signal_does_no_harm(start_bridge):
    bridge = start_bridge(board=program("stubborn"))
    bridge.connect_raw().read_until(b"ready\n")
    board = bridge.board_pid()
    bridge.signal(signal.SIGTERM)
    bridge.signal(signal.SIGINT)
    bridge.wait()
    board_is_gone(board)


@pytest.mark.parametrize("name", ["prompt", "busy", "stubborn"])
def test_kill_of_the_bridge_takes_the_board_with_it(start_bridge, name):
    bridge = start_bridge(board=program("stubborn") if name == "stubborn" else None)
    client = bridge.connect_raw()
    client.read_until(b"ready\n" if name == "stubborn" else b">>> ")
    if name == "busy":
        repl.FriendlyMode.start(client, "print('go' + 'ing')\nwhile True: pass")
        client.read_until(b"going")
    board = bridge.board_pid()
    bridge.process.kill()
    bridge.wait()
    wait_until(lambda: not processes.is_running(board), "the board ends with the bridge")


def test_board_started_by_a_reset_ends_with_a_killed_bridge_too(bridge):
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)
    board = bridge.board_pid()
    bridge.process.kill()
    bridge.wait()
    wait_until(lambda: not processes.is_running(board), "the board ends with the bridge")


def test_ports_are_free_at_once_for_the_next_bridge(start_bridge, kind):
    first = start_bridge()
    client = first.connect(kind)
    repl.banner(client)
    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    second = start_bridge(port=first.port, socket_port=first.socket_port)
    repl.banner(second.connect(kind))
