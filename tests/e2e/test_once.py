"""--once: the bridge ends when its first client has left, as on a signal."""

import pytest
from support import processes, repl
from support.bridge import LOCALHOST
from support.device import open_device
from support.waiting import wait_until


@pytest.fixture
def once(start_bridge):
    return start_bridge("-v", "--once")


def ended(bridge, board):
    assert bridge.wait() == 0
    wait_until(lambda: not processes.exists(board), "the board is gone and reaped")


def test_network_client_that_leaves_ends_the_bridge(once, kind):
    client = once.connect(kind)
    repl.banner(client)
    board = once.board_pid()
    client.close()
    ended(once, board)
    assert "Disconnected" in once.messages()


def test_client_that_leaves_at_once_ends_it_too(once, kind):
    board = once.board_pid()
    once.connect(kind).close()
    ended(once, board)


def test_serial_device_closed_ends_the_bridge(start_bridge, tmp_path):
    link = tmp_path / "port"
    bridge = start_bridge("-v", "--once", "--pty-link", link)
    board = bridge.board_pid()
    client = open_device(bridge)
    repl.fresh_prompt(client)
    client.close()
    ended(bridge, board)
    assert not link.is_symlink()


def test_refused_client_does_not_count(once, kind):
    client = once.connect(kind)
    repl.banner(client)
    once.connect(kind).read_to_end()
    once.wait_for_log("Rejected")
    repl.typed(client, "1 + 1")
    board = once.board_pid()
    client.close()
    ended(once, board)


def test_address_that_may_not_connect_does_not_count(start_bridge):
    bridge = start_bridge("-v", "--once", "--allow", "127.0.0.2", "--allow", "::1", host=None)
    bridge.connect_raw(host=LOCALHOST).read_to_end()
    bridge.wait_for_log("address not allowed")
    client = open_device(bridge)
    repl.fresh_prompt(client)
    board = bridge.board_pid()
    client.close()
    ended(bridge, board)


def test_output_of_a_client_that_sends_no_more_is_still_delivered(once):
    client = once.connect_raw()
    repl.banner(client)
    client.send(b"print('last' + ' words')\r")
    client.end_of_input()
    assert b"last words\r\n" in client.read_to_end()
    assert once.wait() == 0


def test_nobody_is_let_in_after_the_first_one(once):
    board = once.board_pid()
    first = once.connect_raw()
    repl.banner(first)
    first.close()
    ended(once, board)
    assert sum("Connected via" in message for message in once.messages()) == 1


def test_without_it_the_bridge_stays(bridge):
    for _ in range(2):
        client = bridge.connect_raw()
        repl.fresh_prompt(client)
        client.close()
    bridge.wait_for_log("Disconnected", count=2)
    assert bridge.process.poll() is None
