"""What the board finds around itself: its terminal and nothing else of the bridge."""

import json
import os
import socket
import termios

import pytest
from support import processes, repl
from support.bridge import program


@pytest.fixture
def surroundings(start_bridge):
    """What the board reports about itself, and about a second one of the same bridge."""

    def report(**kwargs):
        client = start_bridge(board=program("look_around"), **kwargs).connect_raw()
        client.send(b".")
        return json.loads(client.read_until(b"\n"))

    return report


def only_its_terminal(files):
    return set(files) == {0, 1, 2} and len(set(files.values())) == 1 and files[0].startswith("/dev/pts/")


def test_three_descriptors_all_of_them_the_terminal(surroundings):
    files = {int(number): target for number, target in surroundings()["files"].items()}
    assert only_its_terminal(files), files


def test_descriptors_the_bridge_was_started_with_are_not_passed_on(start_bridge):
    ends = [*os.pipe(), socket.socket().detach()]
    for end in ends:
        os.set_inheritable(end, True)
    client = start_bridge(board=program("look_around"), pass_fds=ends).connect_raw()
    client.send(b".")
    files = {int(number): target for number, target in json.loads(client.read_until(b"\n"))["files"].items()}
    for end in ends:
        os.close(end)
    assert only_its_terminal(files), files


def test_a_client_of_the_moment_is_not_inherited_by_a_new_board(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    for _ in range(3):
        client.send(repl.RESET)
        client.read_until(repl.REBOOT)
        repl.banner(client)
        files = processes.open_files(bridge.board_pid())
        assert only_its_terminal(files), files


def test_session_and_controlling_terminal_of_its_own(surroundings):
    about = surroundings()
    assert about["session"] == about["foreground"] == about["pid"]
    assert about["controlling"]


def test_new_board_has_a_session_of_its_own_too(bridge):
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)
    board = bridge.board_pid()
    _, parent, group, session, terminal, foreground = processes.stat_fields(board)[:6]
    assert (parent, group, session, foreground) == (str(bridge.pid), str(board), str(board), str(board))
    assert terminal != "0"


def test_bridge_itself_acquires_no_terminal(bridge):
    terminal = processes.stat_fields(bridge.pid)[4]
    assert terminal == processes.stat_fields(os.getpid())[4]


def test_terminal_is_raw(surroundings):
    about = surroundings()
    for flags, forbidden in (
        ("lflag", termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN),
        ("oflag", termios.OPOST),
        ("iflag", termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP),
    ):
        assert not about[flags] & forbidden, flags


def test_working_directory_is_the_boards_not_the_bridges(surroundings, board_dir, tmp_path):
    assert surroundings(started_in=tmp_path)["cwd"] == str(board_dir)


def test_no_signal_reaches_the_board_blocked_or_ignored(start_bridge):
    client = start_bridge(board=program("signal_masks")).connect_raw()
    client.send(b"\n")
    masks = dict(line.split() for line in client.read_until(b"end").decode().splitlines() if line.startswith("Sig"))
    assert {name: int(mask, 16) for name, mask in masks.items()} == {"SigBlk:": 0, "SigIgn:": 0}


def test_environment_is_passed_on(start_bridge):
    client = start_bridge(env={"MPBRIDGE_E2E_GREETING": "hello"}).connect_raw()
    repl.banner(client)
    assert repl.typed(client, "import os; os.getenv('MPBRIDGE_E2E_GREETING')") == b"'hello'\r\n"
