"""What goes wrong elsewhere, or is done on purpose, costs nobody else anything."""

import os
import signal
import socket
import struct

import pytest
from support import processes, repl
from support.bridge import program
from support.telnet import command
from support.waiting import wait_until

AYT, BRK = 246, 243
BUSY_LOOP = b"while True: pass\r\r"
MORE_THAN_THE_QUEUE = 6 << 20


def send_what_fits(client):
    """Send until the bridge takes no more for a while."""
    client.socket.settimeout(1.0)
    chunk = b"#" * 63 + b"\n"
    try:
        for _ in range(MORE_THAN_THE_QUEUE // len(chunk) // 1024):
            client.socket.sendall(chunk * 1024)
    except TimeoutError:
        pass


@pytest.fixture
def full_board(start_bridge):
    """A board that reads nothing, and the client that has filled its input."""
    bridge = start_bridge("-v", "--standby", "0")
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(BUSY_LOOP)
    client.read_until(b"... \r\n")
    send_what_fits(client)
    return bridge, client


def connect_in_the_end(bridge, kind):
    """Get in behind a client that has closed: its end is seen late behind that much data."""
    while True:
        client = bridge.connect(kind)
        if "Connected" in bridge.wait_for_log(rf"(Connected|Rejected).*:{client.local_port}\b")[1]:
            return client


def test_input_left_behind_does_not_keep_the_next_client_from_interrupting(full_board, kind):
    bridge, client = full_board
    client.close()
    second = connect_in_the_end(bridge, kind)
    second.send(b"\x03")
    second.read_until(b"KeyboardInterrupt")


def test_clients_of_a_full_board_leave_nothing_behind(full_board):
    bridge, client = full_board
    client.close()
    files = processes.open_files(bridge.pid)
    for number in range(10):
        other = connect_in_the_end(bridge, "socket")
        other.send(b"#\n")
        other.close()
        bridge.wait_for_log("Disconnected", count=number + 2)
    assert len(processes.open_files(bridge.pid)) <= len(files)
    before = processes.cpu_seconds(bridge.pid)
    bridge.connect_raw().collect(1.0)
    assert processes.cpu_seconds(bridge.pid) - before < 0.5


def test_attempts_to_connect_do_not_end_a_client_with_much_input_under_way(full_board):
    bridge, client = full_board
    for number in range(3):
        bridge.connect_raw().read_until(b"Device busy")
        bridge.wait_for_log("Rejected", count=number + 1)
    client.collect(1.5)
    assert "Disconnected" not in bridge.log_text()


def test_attempts_to_connect_do_not_make_answers_pile_up(bridge):
    client = bridge.connect_rfc()
    repl.banner(client)
    client.socket.settimeout(1.0)
    with pytest.raises(TimeoutError):
        while True:
            client.socket.sendall(command(AYT) * 4096)
    for number in range(20):
        bridge.connect_raw().read_until(b"Device busy")
        bridge.wait_for_log("Rejected", count=number + 1)
    assert processes.peak_memory_mib(bridge.pid) < 64


def test_attempts_to_connect_cost_a_waiting_client_no_answer(bridge):
    first = bridge.connect_raw()
    repl.banner(first)
    for number in range(20):
        first.send(b"import time; time.sleep(0.02)\r")
        first.close()
        second = bridge.connect_raw()
        second.send(b"print(6*7)\r")
        bridge.connect_raw().read_until(b"Device busy")
        assert second.read_until(b"42\r\n>>> ") == b"print(6*7)\r\n42\r\n>>> ", number
        first = second


def test_reset_connection_with_output_and_input_under_way_frees_the_board(bridge, kind):
    client = bridge.connect(kind, receive_buffer=4096)
    repl.banner(client)
    client.send(b"while True: print('x' * 200)\r\r")
    client.read_until(b"xxx")
    send_what_fits(client)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    bridge.wait_for_log("Disconnected")
    second = bridge.connect_raw()
    second.send(b"\x03")
    second.read_until(b"KeyboardInterrupt")


def test_soft_reboot_of_one_session_is_not_seen_by_the_next(bridge):
    first = bridge.connect_raw()
    repl.banner(first)
    for _ in range(40):
        first.send(repl.RESET)
        first.close()
        first = bridge.connect_raw()
        first.send(b"print(6*7)\r")
        assert repl.REBOOT not in first.read_until(b"42\r\n>>> ")


def test_program_that_shows_a_prompt_and_ends_is_restarted_with_back_off(start_bridge):
    bridge = start_bridge("-v", board=program("prompt_and_exit"))
    bridge.wait_for_log("WARNING.*ended at once.*next start in 200 ms")


def test_input_right_behind_a_reset_reaches_the_new_process(start_bridge):
    bridge = start_bridge("-v", "--on-break", "reset")
    bridge.wait_until_idle()
    client = bridge.connect_rfc()
    repl.banner(client)
    for _ in range(10):
        client.send_wire(command(BRK) + b"print(6*7)\r")
        client.read_until(b"print(6*7)\r\n42\r\n")


def test_board_that_ends_before_a_client_typed_anything_comes_back(start_bridge, kind):
    bridge = start_bridge("-v")
    bridge.wait_until_idle()
    client = bridge.connect(kind)
    text = repl.banner(client)
    os.kill(bridge.board_pid(), signal.SIGKILL)
    assert client.read_until(text).endswith(repl.REBOOT + text)


def test_ignored_sigchld_is_not_inherited(start_bridge):
    ignore = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # noqa: E731
    bridge = start_bridge("-v", preexec_fn=ignore)
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(b"import os; os.system('kill -SEGV $PPID')\r")
    client.read_until(b"MPY: crashed (SIGSEGV)\r\n" + repl.REBOOT)


def test_refused_clients_beyond_all_measure_are_still_told(bridge):
    client = bridge.connect_raw()
    repl.banner(client)
    refused = [bridge.connect_raw() for _ in range(150)]
    bridge.wait_for_log("Rejected", count=len(refused))
    assert len(processes.open_files(bridge.pid)) < 100
    for one in refused:
        one.read_until(b"Device busy - another client is connected\r\n")
    assert repl.typed(client, "6*7") == b"42\r\n"
    wait_until(lambda: len(processes.open_files(bridge.pid)) < 40, "the refused connections are closed")
