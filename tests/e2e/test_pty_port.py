"""The PTY port: its options and its log, who may open it, and one client at a time over it and the network ports."""

import errno
import fcntl
import grp
import os
import random
import signal
import stat
import struct
import subprocess
import termios

import pytest
import serial
from support import processes, repl
from support.bridge import VENV_BIN, executable, free_ports, micropython, program, run_once
from support.device import (
    IS_ROOT,
    NOBODY,
    DeviceClient,
    device_path,
    error_of_opening,
    open_device,
    run_python,
    start_python,
)
from support.waiting import wait_until

BUSY = b"\r\nError: Device busy - another client is connected\r\n"

only_root = pytest.mark.skipif(not IS_ROOT, reason="only root may do this")


def ports():
    """Words that let a bridge come as far as its PTY port."""
    port, socket_port = free_ports(2)
    return ["-H", "localhost", "-p", port, "-s", socket_port]


def recorded(board_dir, wanted):
    path = board_dir / "input"
    wait_until(lambda: path.exists() and path.stat().st_size >= len(wanted), "the board has read all input")
    assert path.read_bytes() == wanted


# -- options and log


def test_port_is_on_by_default_and_named_in_the_log(bridge):
    path = device_path(bridge)
    assert stat.S_ISCHR(os.stat(path).st_mode)
    messages = bridge.messages("INFO")
    place = messages.index(f"PTY port at {path}")
    assert messages[place + 1] == f"  Connect with: mpremote connect {path}"
    assert repl.banner(open_device(bridge)).startswith(b"MicroPython ")


def test_link_is_named_beside_the_device(start_bridge, tmp_path):
    link = tmp_path / "board0"
    bridge = start_bridge("-v", "--pty-link", link)
    assert f"PTY port at {os.readlink(link)} ({link})" in bridge.messages("INFO")


def test_without_v_nothing_is_logged(start_bridge, tmp_path):
    bridge = start_bridge("--pty-link", tmp_path / "link")
    client = open_device(bridge, tmp_path / "link")
    repl.banner(client)
    client.close()
    bridge.stop()
    assert bridge.log_text() == ""


def terminals(pid):
    return [target for target in processes.open_files(pid).values() if target.startswith(("/dev/pts/", "/dev/ptmx"))]


def test_no_pty_turns_it_off(start_bridge):
    bridge = start_bridge("-v", "--no-pty", "--standby", "0")
    bridge.wait_for_log("Waiting for connection")
    assert "PTY" not in bridge.log_text() and "/dev/pts" not in bridge.log_text()
    assert "inotify" not in " ".join(processes.open_files(bridge.pid).values())
    assert len(terminals(bridge.pid)) == 2, "the board's terminal and nothing more"
    repl.banner(bridge.connect_raw())


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("words, mode", [([], 0o600), (["--pty-mode", "666"], 0o666), (["--pty-mode=0640"], 0o640)])
def test_mode_says_who_may_open_it(start_bridge, words, mode):
    umask = os.umask(0o077)
    try:
        bridge = start_bridge("-v", *words)
    finally:
        os.umask(umask)
    assert mode_of(device_path(bridge)) == mode


@pytest.mark.parametrize("mode", ["", "8", "rw", "0x1ff", "-600", "1777", "00000600", "6 6"])
def test_bad_mode_is_a_usage_error(mode):
    result = run_once(*ports(), f"--pty-mode={mode}", micropython())
    assert result.returncode == 2
    assert "--pty-mode" in result.stderr


@only_root
@pytest.mark.parametrize("spelling", ["name", "number"])
def test_group_is_set(start_bridge, spelling):
    group = grp.getgrgid(5)
    bridge = start_bridge("-v", "--pty-mode=660", "--pty-group", {"name": group.gr_name, "number": 5}[spelling])
    path = device_path(bridge)
    assert os.stat(path).st_gid == group.gr_gid
    assert mode_of(path) == 0o660


def test_unknown_group_is_an_error():
    result = run_once(*ports(), "--pty-group", "no-such-group", micropython())
    assert result.returncode == 1
    assert "no-such-group" in result.stderr


@only_root
def test_group_that_may_not_be_set_is_an_error():
    words = [*ports(), "--pty-group", "tty", micropython()]
    result = subprocess.run(
        [accessible_bridge(), *map(str, words)],
        capture_output=True, text=True, timeout=60, check=False, cwd="/", user=NOBODY, group=NOBODY, extra_groups=[],
    )  # fmt: skip
    assert result.returncode == 1
    assert "group" in result.stderr and "/dev/pts/" in result.stderr


def accessible_bridge():
    """The bridge's path, if an ordinary user can get there."""
    code = "import os, sys; sys.exit(not os.access(sys.argv[1], os.X_OK))"
    if run_python(code, executable(), ordinary=True).returncode:
        pytest.skip("an ordinary user cannot execute the bridge here")
    return executable()


@only_root
def test_mode_keeps_others_out_or_lets_them_in(start_bridge):
    assert error_of_opening(device_path(start_bridge("-v"))) == errno.EACCES
    assert error_of_opening(device_path(start_bridge("-v", "--pty-mode=666"))) is None


def test_session_is_logged_like_others(bridge):
    path = device_path(bridge)
    client = open_device(bridge)
    repl.banner(client)
    client.close()
    bridge.wait_for_log("Waiting for connection", count=2)
    assert bridge.messages("INFO")[-3:] == [f"Connected via pty by {path}", "Disconnected", "Waiting for connection..."]


# -- a client of the PTY port has the board


def test_network_clients_are_refused_from_open_to_close(bridge, kind):
    client = open_device(bridge)
    repl.banner(client)
    assert bridge.connect(kind).read_to_end() == BUSY
    bridge.wait_for_log(rf"Rejected {kind} connection from .* - device busy \(pty client connected\)")
    assert repl.typed(client, "6*7") == b"42\r\n"


def test_client_that_only_opened_has_the_board(bridge, kind):
    repl.banner(bridge.connect_raw())
    bridge.clients[0].close()
    bridge.wait_for_log("Disconnected")
    for _ in range(50):
        client = open_device(bridge)
        assert bridge.connect(kind).read_to_end() == BUSY
        client.close()


def test_network_client_gets_in_directly_behind(bridge, kind):
    for number in range(100):
        client = open_device(bridge)
        if number % 2:
            client.send(b"print(%d + 1000)\r" % number)
            client.read_until(b"\r\n%d\r\n" % (number + 1000))
        client.close()
        follower = bridge.connect(kind)
        follower.send(b"print(%d + 3000)\r" % number)
        follower.read_until(b"\r\n%d\r\n" % (number + 3000))
        follower.close()
        bridge.wait_for_log("Disconnected", count=2 * number + 2)
    assert "Rejected" not in bridge.log_text()


def test_input_of_a_client_that_left_is_before_the_next_ones(start_bridge, board_dir, kind):
    bridge = start_bridge("-v", board=program("record"))
    wanted = b""
    for number in range(5):
        client = open_device(bridge)
        client.send(b"p%d." % number)
        client.close()
        follower = bridge.connect(kind)
        follower.send(b"n%d." % number)
        follower.close()
        bridge.wait_for_log("Disconnected", count=2 * number + 2)
        wanted += b"p%d.n%d." % (number, number)
    recorded(board_dir, wanted)
    assert "Rejected" not in bridge.log_text()


# -- a network client has the board


@pytest.fixture
def taken(start_bridge, kind):
    """A bridge with a network client, and that client."""
    bridge = start_bridge("-v", "--pty-mode=666")
    holder = bridge.connect(kind)
    repl.banner(holder)
    return bridge, holder


def test_exclusive_open_fails(taken):
    bridge, holder = taken
    with pytest.raises(serial.SerialException, match="[Cc]ould not exclusively lock|resource busy"):
        serial.Serial(device_path(bridge), exclusive=True)
    assert repl.typed(holder, "6*7") == b"42\r\n"


@only_root
def test_ordinary_user_cannot_open(taken):
    bridge, holder = taken
    assert error_of_opening(device_path(bridge)) == errno.EBUSY
    holder.close()
    bridge.wait_for_log("Disconnected")
    wait_until(lambda: error_of_opening(device_path(bridge)) is None, "the device can be opened")


@only_root
def test_who_gets_in_all_the_same_is_told_and_not_heard(start_bridge, board_dir, kind):
    bridge = start_bridge("-v", board=program("record"))
    holder = bridge.connect(kind)
    holder.read_until(b"ready\n")
    intruder = open_device(bridge)
    assert intruder.read_exact(len(BUSY)) == BUSY
    intruder.send(b"intruder")
    bridge.wait_for_log(rf"Rejected pty connection from {intruder.path} - device busy \({kind} client connected\)")
    holder.send(b"holder.")
    recorded(board_dir, b"holder.")
    holder.close()
    bridge.wait_for_log("Disconnected")
    intruder.send(b"late")
    bridge.wait_until_idle()
    assert bridge.log_text().count("Connected via pty") == 0
    intruder.close()
    heir = open_device(bridge)
    heir.send(b"heir.")
    recorded(board_dir, b"holder.heir.")
    assert heir.buffer == b""


@only_root
def test_network_client_gets_in_beside_one_that_was_told_it_is_busy(start_bridge, board_dir, kind):
    """It has no claim to the board, so it does not stand in anybody's way."""
    bridge = start_bridge("-v", board=program("record"))
    holder = bridge.connect(kind)
    holder.read_until(b"ready\n")
    intruder = open_device(bridge)
    intruder.read_exact(len(BUSY))
    wanted = b""
    for number in range(3):
        holder.close()
        bridge.wait_for_log("Disconnected", count=number + 1)
        holder = bridge.connect(kind)
        holder.send(b"%d." % number)
        intruder.send(b"intruder")
        wanted += b"%d." % number
        recorded(board_dir, wanted)
    assert intruder.buffer == b""


@only_root
def test_intruder_hears_nothing_of_the_network_client(taken):
    bridge, holder = taken
    intruder = open_device(bridge)
    assert repl.typed(holder, "'for the holder'") == b"'for the holder'\r\n"
    bridge.wait_until_idle()
    assert intruder.read_exact(len(BUSY)) == BUSY
    intruder.collect(0.3)
    assert intruder.buffer == b""


@only_root
def test_intruders_that_come_and_go_do_not_disturb(taken):
    bridge, holder = taken
    for number in range(100):
        intruder = DeviceClient(device_path(bridge))
        if number % 2:
            intruder.send(b"intruder\r\x03\x04")
        intruder.close()
    assert repl.typed(holder, "6*7") == b"42\r\n"
    holder.close()
    bridge.wait_for_log("Disconnected")
    client = open_device(bridge)
    client.send(b"6*7\r")
    assert client.read_until(b"42\r\n>>> ") == b"6*7\r\n42\r\n>>> "


def test_mpremote_fails_at_once(taken):
    bridge, holder = taken
    command = [VENV_BIN / "mpremote", "connect", device_path(bridge), "exec", "print(6*7)"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode != 0
    assert "in use" in result.stdout + result.stderr
    assert repl.typed(holder, "6*7") == b"42\r\n"


def test_device_client_gets_in_when_the_network_client_left(bridge, kind):
    for number in range(50):
        holder = bridge.connect(kind)
        holder.send(b"print(%d + 1000)\r" % number)
        holder.read_until(b"\r\n%d\r\n" % (number + 1000))
        holder.close()
        bridge.wait_for_log("Disconnected", count=2 * number + 1)
        client = open_device(bridge)
        client.send(b"print(%d + 3000)\r" % number)
        client.read_until(b"\r\n%d\r\n" % (number + 3000))
        client.close()
        bridge.wait_for_log("Disconnected", count=2 * number + 2)
    assert "Rejected" not in bridge.log_text()


# -- who comes first?


KINDS = ["pty", "socket", "rfc2217"]


def enter(bridge, path, kind, number):
    """A client that has shown that it has the board, or None if it did not get in."""
    try:
        client = DeviceClient(path) if kind == "pty" else bridge.connect(kind)
    except OSError as error:
        assert kind == "pty" and error.errno == errno.EBUSY
        return None
    try:
        if kind == "pty":
            client.lock()
        client.send(b"\r%d + 1000\r" % number)
        while b"\r\n%d\r\n>>> " % (number + 1000) not in client.buffer:
            if BUSY in client.buffer or not client.receive_some():
                client.close()
                return None
    except (BlockingIOError, ConnectionError):
        client.close()
        return None
    client.take(len(client.buffer))
    return client


def enter_in_time(bridge, path, kind, number):
    return wait_until(lambda: enter(bridge, path, kind, number), f"{kind} gets in ({number})")


def test_holder_keeps_all_others_out_in_every_order(bridge):
    path, order = device_path(bridge), random.Random(11)
    for number in range(200):
        kind = order.choice(KINDS)
        holder = enter_in_time(bridge, path, kind, number)
        for other in order.choices(KINDS, k=order.randrange(4)):
            assert enter(bridge, path, other, number) is None
        assert repl.typed(holder, f"{number} + 2000") == b"%d\r\n" % (number + 2000)
        holder.close()


def every_way_works(bridge):
    path = device_path(bridge)
    for kind in (*KINDS, "pty"):
        enter_in_time(bridge, path, kind, 1).close()


def come(bridge, path, kind):
    """Whoever it is, or nobody: ordinary users cannot even open a device that is taken."""
    if kind != "pty":
        return [bridge.connect(kind)]
    try:
        return [DeviceClient(path)]
    except OSError as error:
        assert error.errno == errno.EBUSY
        return []


def test_clients_that_come_and_go_without_waiting_for_each_other(bridge):
    """Nobody hangs: who opens the device while it is free is served, whatever else happens in the same moment."""
    path, order = device_path(bridge), random.Random(12)
    for number in range(200):
        present = []
        for kind in order.choices(KINDS, k=3):
            if order.random() < 0.5:
                present.extend(come(bridge, path, kind))
            elif client := enter(bridge, path, kind, number):
                present.append(client)
            while present and order.random() < 0.5:
                present.pop(order.randrange(len(present))).close()
        for client in present:
            client.close()
    every_way_works(bridge)


COMING_AND_GOING = """
import fcntl, os, random, sys
order = random.Random(int(sys.argv[2]))
for _ in range(2000):
    try:
        device = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        continue
    try:
        if order.random() < 0.3:
            os.write(device, b'\\r')
        if order.random() < 0.3:
            fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    os.close(device)
"""


def test_storm_on_the_device_while_network_clients_come_and_go(bridge):
    path = device_path(bridge)
    storm = [start_python(COMING_AND_GOING, path, seed) for seed in range(2)]
    try:
        while any(each.poll() is None for each in storm):
            for kind in ("socket", "rfc2217"):
                if client := enter(bridge, path, kind, 5):
                    client.close()
        assert [each.returncode for each in storm] == [0, 0]
    finally:
        for each in storm:
            each.kill()
            each.wait()
    every_way_works(bridge)


# -- idle, and the end


def switches(bridge):
    return int(processes.status(bridge.pid, "voluntary_ctxt_switches"))


@pytest.mark.parametrize("connected", [False, True], ids=["nobody", "silent-client"])
def test_idle_bridge_does_nothing_at_all(bridge, connected):
    client = open_device(bridge)
    repl.banner(client)
    if not connected:
        client.close()
        bridge.wait_for_log("Disconnected")
    # It may look a few times more whether the client is still there.
    assert any(sleeps_for_a_second(bridge) for _ in range(10))


def sleeps_for_a_second(bridge):
    before = switches(bridge)
    with pytest.raises(subprocess.TimeoutExpired):
        bridge.process.wait(1.0)
    return switches(bridge) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_client_sees_the_end_of_the_bridge(bridge, number):
    client = open_device(bridge)
    repl.banner(client)
    bridge.signal(number)
    assert bridge.wait(15) == 0
    assert client.read_to_end() == b""


def test_client_that_does_not_read_does_not_delay_the_end(bridge):
    client = open_device(bridge)
    repl.banner(client)
    client.send(b"while True: print('x' * 1000)\r\r\r")
    bridge.wait_until_idle()
    bridge.signal(signal.SIGTERM)
    assert bridge.wait(15) == 0


@only_root
def test_program_told_that_it_is_busy_sees_the_end_too(taken):
    bridge, _ = taken
    intruder = open_device(bridge)
    intruder.read_exact(len(BUSY))
    bridge.signal(signal.SIGTERM)
    assert bridge.wait(15) == 0
    assert intruder.read_to_end() == b""


# -- what such a device is not


@pytest.mark.parametrize("request_name", ["TIOCMGET", "TIOCMSET", "TIOCMBIS", "TIOCMBIC"])
def test_there_are_no_modem_lines(bridge, request_name):
    client = open_device(bridge)
    with pytest.raises(OSError) as caught:
        fcntl.ioctl(client.descriptor, getattr(termios, request_name), struct.pack("I", termios.TIOCM_DTR))
    assert caught.value.errno == errno.ENOTTY


@pytest.mark.parametrize("flag", ["PARENB", "CS7"])
def test_parity_and_seven_bits_are_declined(bridge, flag):
    client = open_device(bridge)
    settings = client.settings()
    settings[2] = settings[2] & ~(termios.CSIZE if flag == "CS7" else 0) | getattr(termios, flag)
    with pytest.raises(termios.error) as caught:
        termios.tcsetattr(client.descriptor, termios.TCSANOW, settings)
    assert caught.value.args[0] == errno.EINVAL
    assert client.settings()[2] & termios.CSIZE == termios.CS8
    assert not client.settings()[2] & termios.PARENB
