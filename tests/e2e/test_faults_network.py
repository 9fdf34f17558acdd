"""Clients that leave in the middle of something, or go on very slowly."""

import socket
import struct
import time

import pytest
from support import processes, repl
from support.bridge import program
from support.telnet import BAUDRATE, COM_PORT, DO, IAC, SB, SE, SERVER, command, subnegotiation
from support.waiting import wait_until
from test_adverse import connect_in_the_end

BUSY = b"\r\nError: Device busy - another client is connected\r\n"
NO_LINGERING = struct.pack("ii", 1, 0)
BAUDRATE_QUESTION = subnegotiation(bytes([COM_PORT, BAUDRATE, 0, 0, 0, 0]))


def refused_as_usual(bridge):
    for kind in ("socket", "rfc2217"):
        assert bridge.connect(kind).read_to_end() == BUSY


def reset(client):
    """Leave with a RST in place of a FIN."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
    client.close()


# -- slowly


def send_slowly(client, data, meanwhile):
    for byte in data:
        client.socket.sendall(bytes([byte]))
        meanwhile()
        time.sleep(1)


def test_client_that_sends_one_byte_a_second(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    send_slowly(client, b"6*7\r", lambda: refused_as_usual(bridge))
    assert client.read_until(b">>> ") == b"6*7\r\n42\r\n>>> "


def test_command_that_comes_one_byte_a_second(start_bridge):
    bridge = start_bridge("-v")
    client = bridge.connect_rfc().agree_com_port()
    repl.banner(client)
    send_slowly(client, BAUDRATE_QUESTION, lambda: refused_as_usual(bridge))
    client.wait_event(lambda event: event[0] == "sb" and event[1][:2] == bytes([COM_PORT, BAUDRATE + SERVER]))
    assert repl.typed(client, "6*7") == b"42\r\n"


UNFINISHED = {
    "iac": (bytes([IAC]), bytes([IAC])),
    "offer": (bytes([IAC, DO]), b"\x01"),
    "subnegotiation": (bytes([IAC, SB]), bytes([COM_PORT]) + BAUDRATE_QUESTION[3:]),
    "value": (BAUDRATE_QUESTION[:5], BAUDRATE_QUESTION[5:]),
    "end": (BAUDRATE_QUESTION[:-1], bytes([SE])),
}


@pytest.fixture(params=UNFINISHED)
def unfinished(request):
    """The beginning of a command, and its end."""
    return UNFINISHED[request.param]


def test_client_that_stops_in_the_middle_of_a_command(start_bridge, unfinished):
    """What the board prints still reaches it, others are refused, and it may go on whenever it likes."""
    beginning, end = unfinished
    bridge = start_bridge("-v")
    client = bridge.connect_rfc().agree_com_port()
    repl.banner(client)
    client.send(b"import time\rwhile True: print('tick'); time.sleep(.05)\r\r")
    client.send_wire(beginning)
    client.read_until(b"tick\r\n" * 20)
    refused_as_usual(bridge)
    client.send_wire(end + b"\x03")
    client.read_until(b"KeyboardInterrupt")
    client.sync()


def test_client_that_leaves_in_the_middle_of_a_command(start_bridge, unfinished, kind):
    bridge = start_bridge("-v")
    client = bridge.connect_rfc()
    repl.banner(client)
    client.send_wire(b"6*" + unfinished[0])
    reset(client)
    bridge.wait_for_log("Disconnected")
    successor = bridge.connect(kind)
    successor.send(b"7\r")
    assert successor.read_until(b">>> ") == b"7\r\n42\r\n>>> "


# -- at once

FLOOD = b"while True: print('x' * 200)\r\r"


def while_output_floods(client):
    client.send(FLOOD)
    client.read_until(b"xxx")


def in_the_raw_repl(client):
    repl.enter_raw(client)
    client.send(b"print('never run'")


def while_the_board_restarts(client):
    client.send(repl.RESET)


def half_closed(client):
    while_output_floods(client)
    client.end_of_input()
    client.read_until(b"xxx")


def after_much_input(client):
    client.send(b"#" * 100_000)


def with_an_answer_under_way(client):
    client.send(b"import time; time.sleep(.3); print('late')\r")


MOMENTS = [
    repl.fresh_prompt, while_output_floods, in_the_raw_repl, while_the_board_restarts, half_closed, after_much_input,
    with_an_answer_under_way,
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_reset_connection_frees_the_board_for_the_next(bridge, kind, moment):
    client = bridge.connect(kind)
    repl.banner(client)
    bridge.wait_until_idle()
    for _ in range(3):
        moment(client)
        reset(client)
        client = connect_in_the_end(bridge, kind)
        client.send(b"\r\x03\x02")  # out of whatever it was in
        client.send(b"print(6*7)\r")
        client.read_until(b"print(6*7)\r\n42\r\n>>> ")
        bridge.wait_until_idle()


def test_resets_leave_nothing_behind(bridge, kind):
    repl.banner(bridge.connect(kind))
    bridge.clients.pop().close()
    bridge.wait_for_log("Disconnected")
    bridge.wait_until_it_sleeps()
    files = len(processes.open_files(bridge.pid))
    for _ in range(50):
        reset(connect_in_the_end(bridge, kind))
    wait_until(lambda: len(processes.open_files(bridge.pid)) == files, "all connections are closed")
    bridge.wait_until_it_sleeps()


def test_what_was_sent_before_a_reset_reaches_the_board(start_bridge, board_dir, kind):
    bridge = start_bridge("-v", board=program("record"))
    client = bridge.connect(kind)
    client.read_until(b"ready\n")
    wanted = b""
    for number in range(20):
        text = b"before reset %d\n" % number
        client.send(text)
        reset(client)
        wanted += text
        client = connect_in_the_end(bridge, kind)
    client.send(b"after")
    path = board_dir / "input"
    wait_until(lambda: path.exists() and path.read_bytes().endswith(b"after"), "all input has arrived")
    assert path.read_bytes() == wanted + b"after"


def test_reset_of_a_refused_client_is_nobodys_business(bridge, kind):
    holder = bridge.connect(kind)
    repl.banner(holder)
    bridge.wait_until_idle()
    files = len(processes.open_files(bridge.pid))
    for number in range(50):
        refused = bridge.connect(kind)
        refused.send(command(SB) * number)
        reset(refused)
    bridge.wait_for_log("Rejected", count=50)
    assert repl.typed(holder, "6*7") == b"42\r\n"
    wait_until(lambda: len(processes.open_files(bridge.pid)) == files, "the refused connections are closed")
