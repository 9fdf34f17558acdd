"""Back-pressure in both directions: a slow side loses nothing and costs no memory."""

import time

import pytest
from support import processes, repl, telnet
from support.bridge import program
from support.flow import (
    MIB,
    Hasher,
    Sender,
    check_both_directions,
    check_slow_board,
    check_slow_reader,
    digest_of_random_bytes,
    wait_until_stuck,
)
from support.waiting import wait_until

SIZE = 20 * MIB
# Far below what is on its way, far above what a daemon with bounded buffers needs.
MEMORY_MIB = 64
# What a client that is gone may stay silent before the device is free, in seconds.
LONGEST_SILENCE = 30


def connect(bridge, kind, **kwargs):
    client = bridge.connect(kind, **kwargs)
    if kind == "rfc2217":
        client.agree_binary()
    return client


def test_slow_reader_loses_nothing(start_bridge, board_dir, kind):
    (board_dir / "size").write_text(str(SIZE))
    bridge = start_bridge(board=program("gush"))
    client = connect(bridge, kind, receive_buffer=4096)
    check_slow_reader(bridge, client, board_dir, SIZE)
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


@pytest.mark.parametrize("held", [True, False], ids=["stalled-board", "reading-board"])
def test_slow_board_loses_nothing(start_bridge, board_dir, kind, held):
    (board_dir / "size").write_text(str(SIZE))
    if held:
        (board_dir / "hold").touch()
    bridge = start_bridge(board=program("hash_input"))
    client = connect(bridge, kind)
    client.socket.settimeout(120)
    check_slow_board(bridge, client, board_dir, SIZE)
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


def test_both_directions_at_once(start_bridge, kind):
    client = connect(start_bridge(board=program("echo_bytes")), kind)
    client.socket.settimeout(120)
    check_both_directions(client, 4 * MIB)


def test_micropythons_output_survives_a_reader_that_pauses(bridge, kind):
    client = connect(bridge, kind, receive_buffer=4096)
    repl.enter_raw(client)
    repl.RawMode.start(client, "for i in range(300000): print(i)")
    client.read_exact(1000)
    bridge.wait_until_idle()
    wanted = b"".join(b"%d\n" % number for number in range(300000))
    assert client.read_exact(len(wanted) - 1000) == wanted[1000:]


def test_answers_do_not_queue_behind_megabytes_of_output(start_bridge, board_dir):
    """What the kernel takes for a client that reads slowly is ahead of every answer, so it must not be much."""
    (board_dir / "size").write_text(str(SIZE))
    bridge = start_bridge(board=program("gush"))
    client = bridge.connect_rfc().agree_com_port()
    client.send(b".")
    wait_until(lambda: client.receive_some(), "the flood begins")
    bridge.wait_until_idle()
    client.buffer.clear()
    client.sync()
    assert len(client.buffer) < MIB


@pytest.mark.parametrize("text", [b"\xff\xfa\x2c", b"\xff\xfa"], ids=["com-port", "no-option"])
def test_subnegotiation_without_end_costs_no_memory(start_bridge, text):
    bridge = start_bridge(board=program("echo_bytes"))
    client = bridge.connect_rfc()
    client.send_wire(text)
    for _ in range(64):
        client.send_wire(bytes(MIB))
    client.send_wire(telnet.command(telnet.SE) + b"after\n")
    client.read_until(b"after")
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


def test_flood_of_requests_without_reading_the_answers_costs_no_memory(start_bridge):
    bridge = start_bridge(board=program("echo_bytes"))
    client = bridge.connect_rfc(receive_buffer=4096)
    client.agree_com_port()
    question = telnet.subnegotiation(bytes([telnet.COM_PORT, telnet.BAUDRATE, 0, 0, 0, 0]))
    request = telnet.command(telnet.DO, 99) + telnet.command(telnet.AYT) + question
    sender = Sender(client, request * (16 * MIB // len(request)))
    sender.start()
    wait_until(lambda: sender.sent, "sending has begun")
    wait_until_stuck(bridge, sender)
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


@pytest.mark.parametrize("size", [100_000, 2 * MIB], ids=["all-in-the-kernel", "board-waits"])
def test_client_that_reads_on_after_a_long_pause_loses_nothing(start_bridge, board_dir, kind, size):
    """It answered all the time, so it is alive, even where TCP would have given up what is on its way."""
    (board_dir / "size").write_text(str(size))
    bridge = start_bridge(board=program("gush"))
    client = connect(bridge, kind, receive_buffer=4096)
    client.send(b".")
    time.sleep(LONGEST_SILENCE + 5)
    reader = Hasher(client)
    while reader.count < min(size, 300_000):
        reader.read(reader.count + 1000, limit=1000)
        time.sleep(0.05)  # its window must not open for a whole buffer
    reader.read(size)
    assert reader.digest.hexdigest() == digest_of_random_bytes(size)
