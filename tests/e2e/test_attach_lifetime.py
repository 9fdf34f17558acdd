"""When mpremote-attach is connected: while a local program has the device open, all the time, or once."""

import os
import random
import re
import signal
import subprocess
from contextlib import closing

import pytest
from support import repl
from support.attach import run_once
from support.bridge import LOCALHOST, free_ports, program
from support.device import DeviceClient
from support.relay import Relay
from support.waiting import wait_until

BUSY = b"\r\nError: Device busy - another client is connected\r\n"


def recorded(board_dir, wanted):
    path = board_dir / "input"
    wait_until(lambda: path.exists() and path.stat().st_size >= len(wanted), "the board has read all input")
    assert path.read_bytes() == wanted


# -- connected while a program has the device open


def test_connects_at_open_and_disconnects_at_close(attached, kind):
    bridge, attach = attached()
    bridge.wait_until_idle()
    assert "Connected via" not in bridge.log_text()
    for number in range(1, 4):
        client = attach.open()
        bridge.wait_for_log(f"Connected via {kind}", number)
        client.close()
        bridge.wait_for_log("Disconnected", number)


def test_session_is_logged(attached, kind):
    bridge, attach = attached()
    client = attach.open()
    repl.banner(client)
    client.close()
    attach.wait_for_log("Waiting for connection")
    url = bridge.url(kind)
    assert attach.messages("INFO") == [
        f"PTY port at {attach.device} ({attach.link}) for {url}", f"Connected via pty by {attach.device}",
        f"Connected to {url}", f"Left {url}", "Disconnected", "Waiting for connection...",
    ]  # fmt: skip


def test_without_v_nothing_is_logged(start_bridge, start_attach, kind):
    bridge = start_bridge("-v", "--no-pty")
    attach = start_attach(bridge.url(kind))
    client = attach.open()
    repl.banner(client)
    client.close()
    bridge.wait_for_log("Disconnected")
    attach.stop()
    assert attach.log_text() == ""


def test_others_are_refused_from_open_to_close(attached, kind):
    bridge, attach = attached()
    repl.banner(attach.open())
    for other in ("socket", "rfc2217"):
        assert bridge.connect(other).read_to_end() == BUSY


def test_others_get_in_directly_behind(attached):
    bridge, attach = attached()
    for number in range(20):
        client = attach.open()
        client.send(b"print(%d + 1000)\r" % number)
        client.read_until(b"\r\n%d\r\n" % (number + 1000))
        client.close()
        bridge.wait_for_log("Disconnected", 2 * number + 1)
        other = bridge.connect_raw()
        other.send(b"print(%d + 3000)\r" % number)
        other.read_until(b"\r\n%d\r\n" % (number + 3000))
        other.close()
        bridge.wait_for_log("Disconnected", 2 * number + 2)
    assert "Rejected" not in bridge.log_text()


def test_programs_one_directly_after_the_other(attached):
    bridge, attach = attached()
    for number in range(50):
        client = attach.open()
        client.send(b"print(%d + 1000)\r" % number)
        client.read_until(b"\r\n%d\r\n" % (number + 1000))
        client.close()
        attach.wait_until_left(number + 1)
    assert "Rejected" not in bridge.log_text()
    assert "made anew" not in attach.log_text()


def write_and_close(path, data):
    subprocess.run(["sh", "-c", 'printf "$1" > "$2"', "sh", data, path], timeout=60, check=True)


def test_what_a_program_writes_and_leaves_is_delivered(attached, board_dir):
    _, attach = attached(board=program("record"))
    wanted = b""
    for number in range(1, 21):
        write_and_close(attach.path, f"print({number}*7)\\r")
        attach.wait_until_left(number)
        wanted += b"print(%d*7)\r" % number
        recorded(board_dir, wanted)


def test_what_programs_write_and_leave_in_quick_succession_is_delivered_in_order(attached, board_dir):
    """The connection for one is still being made when the next opens the device."""
    _, attach = attached(board=program("record"))
    pause, wanted = random.Random(3), b""
    for number in range(60):
        client = DeviceClient(attach.path)
        client.send(b"%d." % number)
        client.close()
        spin(pause.randrange(2000))
        wanted += b"%d." % number
    recorded(board_dir, wanted)


@pytest.fixture
def far_away(start_bridge, start_attach, kind):
    """A recording board, a relay that can hold back what the bridge says, and a device for the relay."""
    bridge = start_bridge("-v", "--no-pty", board=program("record"))
    with closing(Relay(bridge.port_of(kind))) as relay:
        yield bridge, relay, start_attach(f"{kind}://{LOCALHOST}:{relay.port}", "-v")


def test_program_that_comes_before_the_last_ones_bytes_have_gone_waits_for_them(far_away, board_dir):
    """The bridge is still to answer the first one's connection, and would refuse a second."""
    bridge, relay, attach = far_away
    relay.hold()
    for number in range(1, 4):
        client = DeviceClient(attach.path)
        attach.wait_for_log("Connected via pty", number)
        client.send(b"%d." % number)
        client.close()
        attach.wait_until_idle()
    relay.release()
    recorded(board_dir, b"1.2.3.")
    assert "Rejected" not in bridge.log_text()


def spin(count):
    """Shorter than any sleep, so that the next step meets the daemons in the middle of something."""
    for _ in range(count):
        os.getppid()


def test_megabyte_written_and_left_is_delivered(attached, board_dir):
    _, attach = attached(board=program("record"))
    data = random.Random(5).randbytes(1 << 20)
    client = attach.open()
    client.send(data)
    client.close()
    recorded(board_dir, data)


# -- connected all the time


def test_kept_it_connects_at_once_and_stays(attached, kind):
    bridge, attach = attached("--keep")
    bridge.wait_for_log(f"Connected via {kind}")
    for number in range(1, 4):
        client = attach.open()
        client.send(b"print(%d + 1000)\r" % number)
        client.read_until(b"\r\n%d\r\n" % (number + 1000))
        client.close()
        attach.wait_until_left(number)
    assert bridge.connect(kind).read_to_end() == BUSY
    assert "Disconnected" not in bridge.log_text()


def restart(start_bridge, bridge):
    """The bridge as it was, at the same ports, after it was killed."""
    bridge.signal(signal.SIGKILL)
    bridge.stop()
    return start_bridge(*bridge.options, board=bridge.board, port=bridge.port, socket_port=bridge.socket_port)


def test_kept_it_connects_again_by_itself(attached, start_bridge, kind):
    bridge, attach = attached("--keep")
    for _ in range(3):
        bridge.wait_for_log(f"Connected via {kind}")
        bridge = restart(start_bridge, bridge)
    bridge.wait_for_log(f"Connected via {kind}")
    client = attach.open()
    repl.fresh_prompt(client)
    assert repl.typed(client, "6*7") == b"42\r\n"
    assert "made anew" not in attach.log_text(), "nobody had it open"


def test_kept_it_starts_before_the_server(start_bridge, start_attach, kind):
    port, other = free_ports(2)
    attach = start_attach(f"{kind}://{LOCALHOST}:{port}", "-v", "--keep")
    attach.wait_for_log(f"WARNING.*Cannot connect to {kind}://{LOCALHOST}:{port}: ", count=2)
    ports = (other, port) if kind == "socket" else (port, other)
    bridge = start_bridge("-v", "--no-pty", port=ports[0], socket_port=ports[1])
    bridge.wait_for_log(f"Connected via {kind}")


def test_kept_it_connects_for_a_program_without_waiting_longer(start_bridge, start_attach, kind):
    """It tries again only every few seconds by then, but somebody wants to have it now."""
    bridge = start_bridge("-v", "--no-pty")
    attach = start_attach(bridge.url(kind), "-v", "--keep")
    bridge.wait_for_log("Connected via")
    bridge.stop()
    attach.wait_for_log("Cannot connect", count=4)
    bridge = restart(start_bridge, bridge)
    client = attach.open()
    repl.fresh_prompt(client)
    assert repl.typed(client, "6*7") == b"42\r\n"


@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_kept_it_can_be_ended_between_two_attempts(attached, start_bridge, used):
    bridge, attach = attached("--keep")
    bridge.wait_for_log("Connected via")
    bridge.stop()
    attach.wait_for_log("Cannot connect", count=4)
    if used:
        restart(start_bridge, bridge)
        repl.fresh_prompt(attach.open())
    attach.signal(signal.SIGTERM)
    assert attach.wait(15) == 0
    assert not os.path.lexists(attach.link)


def test_kept_what_is_written_and_left_is_delivered(attached, board_dir):
    _, attach = attached("--keep", board=program("record"))
    wanted = b"".join(b"%d." % number for number in range(50))
    for number in range(50):
        client = DeviceClient(attach.path)
        client.send(b"%d." % number)
        client.close()
    recorded(board_dir, wanted)


# -- once


def test_once_ends_when_the_program_closes(attached, kind):
    bridge, attach = attached("--once")
    bridge.wait_for_log(f"Connected via {kind}")
    client = attach.open()
    repl.fresh_prompt(client)
    assert repl.typed(client, "6*7") == b"42\r\n"
    client.close()
    assert attach.wait() == 0
    assert not os.path.lexists(attach.link)
    assert "Error" not in attach.log_text()
    bridge.wait_for_log("Disconnected")


def test_once_what_is_written_and_left_is_delivered(attached, board_dir):
    _, attach = attached("--once", board=program("record"))
    write_and_close(attach.path, "print(6*7)\\r")
    assert attach.wait() == 0
    recorded(board_dir, b"print(6*7)\r")


def test_once_fails_when_nobody_is_there(kind):
    url = f"{kind}://{LOCALHOST}:{free_ports(1)[0]}"
    result = run_once(url, "--once")
    assert result.returncode == 1
    assert result.stderr == f"Error: Cannot connect to {url}: Connection refused\n"


def test_once_fails_when_the_name_is_unknown(kind):
    result = run_once(f"{kind}://no-such-host.invalid", "--once")
    assert result.returncode == 1
    assert result.stderr.startswith(f"Error: Cannot connect to {kind}://no-such-host.invalid:")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_once_fails_when_the_connection_is_lost(attached, kind, used):
    bridge, attach = attached("--once")
    bridge.wait_for_log(f"Connected via {kind}")
    client = attach.open() if used else None
    if client:
        repl.fresh_prompt(client)
    bridge.signal(signal.SIGKILL)
    if client:
        assert b"\r\nError: " in client.read_to_end()
    assert attach.wait() == 1
    assert re.fullmatch(rf"Error: .*{re.escape(bridge.url(kind))}.*", attach.lines[-1])
    assert not os.path.lexists(attach.link)


def test_once_fails_when_the_board_is_taken(start_bridge, kind):
    bridge = start_bridge("-v", "--no-pty")
    repl.banner(bridge.connect_raw())
    result = run_once(bridge.url(kind), "--once")
    assert result.returncode == 1
    assert result.stderr.startswith("Error: ")
