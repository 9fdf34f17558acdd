"""What the clients of the PTY port get: a clean device each, their board, all of their bytes and nobody else's."""

import errno
import hashlib
import os
import random
import select
import subprocess
import sys
import termios
import time

import pytest
import serial
from support import processes, repl
from support.bridge import program
from support.device import (
    EXTPROC,
    IS_ROOT,
    DeviceClient,
    device_path,
    error_of_opening,
    leave_exclusive_mode_behind,
    open_device,
    settings_can_be_locked,
    start_python,
)
from support.flow import MIB, Hasher, check_both_directions, check_slow_board, check_slow_reader, random_bytes
from support.waiting import wait_until
from test_flow import MEMORY_MIB, SIZE

only_root = pytest.mark.skipif(not IS_ROOT, reason="only root may do this")

FLOOD_AND_RECORD = f"""#!{sys.executable}
import os, select
number = 0
with open("input", "ab", buffering=0) as record:
    while True:
        flooding = not os.path.exists("calm")
        if select.select([0], [], [], 0 if flooding else None)[0]:
            record.write(os.read(0, 65536))
        if flooding:
            number += 1
            os.write(1, b"%d: more and more and more of it\\n" % number)
"""


@pytest.fixture
def flood(start_bridge, board_dir):
    """A bridge whose board prints as much as it can and records its input."""
    flooding = board_dir / "flood_and_record"
    flooding.write_text(FLOOD_AND_RECORD)
    flooding.chmod(0o755)
    return start_bridge("-v", board=flooding)


@pytest.fixture
def record(start_bridge):
    """A bridge whose board records its input, past its greeting."""
    bridge = start_bridge("-v", board=program("record"))
    greeted = bridge.connect_raw()
    greeted.read_until(b"ready\n")
    greeted.close()
    bridge.wait_for_log("Disconnected")
    return bridge


def recorded(bridge, wanted):
    path = bridge.cwd / "input"
    wait_until(lambda: path.exists() and path.stat().st_size >= len(wanted), "the board has read all input")
    assert path.read_bytes() == wanted


def wait_until_known_to_be_gone(bridge):
    wait_until(
        lambda: bridge.log_text().count("Disconnected") == bridge.log_text().count("Connected via"),
        "the client is known to be gone",
    )


def leave(bridge, client):
    """Close, and wait until the bridge has put everything in order again."""
    client.close()
    wait_until_known_to_be_gone(bridge)
    bridge.wait_until_idle()


def answers(client, number):
    """Whatever was typed before, this is a line of its own with an answer of its own."""
    client.send(b"\rprint(%d + 1000)\r" % number)
    client.read_until(b"\r\n%d\r\n>>> " % (number + 1000))


# -- the line's settings


def change(change_settings):
    def action(client):
        settings = client.settings()
        change_settings(settings)
        termios.tcsetattr(client.descriptor, termios.TCSANOW, settings)

    return action


def wait_for_characters_differently(settings):
    settings[6][termios.VMIN], settings[6][termios.VTIME] = 0, 5


def stty_sane(client):
    # Parts of "sane" are beyond a PTY, and stty says so.
    subprocess.run(["stty", "-F", client.path, "sane"], timeout=60, capture_output=True, check=False)


TRACES = {
    "stty-sane": stty_sane,
    "cooked": DeviceClient.cook,
    "9600": lambda client: client.set_speed(termios.B9600),
    "custom-speed": lambda client: client.set_custom_speed(123457),
    "stop-bits": lambda client: client.set(cflag=termios.CSTOPB),
    "rts-cts": lambda client: client.set(cflag=termios.CRTSCTS),
    "hang-up": lambda client: client.set(cflag=termios.HUPCL),
    "echo": lambda client: client.set(lflag=termios.ECHO),
    "lines": lambda client: client.set(lflag=termios.ICANON),
    "signals": lambda client: client.set(lflag=termios.ISIG),
    "xon-xoff": lambda client: client.set(iflag=termios.IXON | termios.IXOFF),
    "line-ends": lambda client: client.set(iflag=termios.ICRNL, oflag=termios.OPOST | termios.ONLCR),
    "no-extproc": change(lambda settings: settings.__setitem__(3, settings[3] & ~EXTPROC)),
    "timeouts": change(wait_for_characters_differently),
    "stopped-output": lambda client: termios.tcflow(client.descriptor, termios.TCOOFF),
    "exclusive": DeviceClient.exclusive,
    "locked": DeviceClient.lock,
}


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("end", ["silent", "with-unread-output"])
def test_next_client_finds_the_device_as_the_first_did(bridge, trace, end):
    first = open_device(bridge)
    repl.banner(first)
    wanted, speed = first.settings(), first.custom_speed()
    for _ in range(2):
        if end == "with-unread-output":
            first.send(b"print('unread ' * 1000)\r")
        TRACES[trace](first)
        leave(bridge, first)
        first = open_device(bridge)
        assert first.settings() == wanted
        assert first.custom_speed() == speed
        first.send(b"6*7\r")
        assert first.read_until(b">>> ") == b"6*7\r\n42\r\n>>> "


def test_device_is_raw_at_115200_baud(bridge):
    iflag, oflag, cflag, lflag, ispeed, ospeed, characters = open_device(bridge).settings()
    assert (iflag, oflag) == (0, 0)
    assert lflag & ~EXTPROC == 0
    assert cflag & termios.CSIZE == termios.CS8
    assert not cflag & (termios.PARENB | termios.CSTOPB | termios.CRTSCTS)
    assert (ispeed, ospeed) == (termios.B115200, termios.B115200)
    assert (characters[termios.VMIN], characters[termios.VTIME]) in [(1, 0), (b"\x01", b"\x00")]


@pytest.mark.parametrize("speed", [300, 9600, 115200, 921600, 4000000])
def test_standard_speeds_can_be_set(bridge, speed):
    client = open_device(bridge)
    client.set_speed(getattr(termios, f"B{speed}"))
    assert client.custom_speed() == speed
    answers(client, 1)


@pytest.mark.parametrize("speed", [31250, 74880, 250000, 1234567])
def test_custom_speeds_can_be_set(bridge, speed):
    client = open_device(bridge)
    client.set_custom_speed(speed)
    assert client.custom_speed() == speed
    answers(client, 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"baudrate": 74880}, {"stopbits": 2}, {"rtscts": True}, {"xonxoff": True}, {"dsrdtr": True},
        {"exclusive": True}, {"exclusive": True, "baudrate": 9600, "stopbits": 2, "rtscts": True, "xonxoff": True},
    ],
    ids=str,
)  # fmt: skip
def test_pyserial_can_set_what_the_device_has(bridge, settings):
    with serial.Serial(device_path(bridge), timeout=30, **settings) as port:
        port.write(b"\r6*7\r")
        assert port.read_until(b"42\r\n>>> ").endswith(b"6*7\r\n42\r\n>>> ")


def test_opening_and_setting_never_resets_the_board(bridge):
    client = open_device(bridge)
    repl.banner(client)
    repl.typed(client, "x = 41")
    board = bridge.board_pid()
    leave(bridge, client)
    for speed in (1200, 115200):  # Arduino's boards take 1200 baud as a request
        with serial.Serial(device_path(bridge), speed, timeout=30) as port:
            port.send_break(0)
    client = open_device(bridge)
    answers(client, 1)
    assert repl.typed(client, "x + 1") == b"42\r\n"
    assert bridge.board_pid() == board


def pass_a_moment(source):
    """Up to 0.6 ms, about as long as the bridge is busy with a client that left: no test may depend on how long."""
    end = time.perf_counter() + source.random() * 0.0006
    while time.perf_counter() < end:
        pass


def test_settings_of_a_program_that_opens_directly_behind_another_stay(bridge):
    """The bridge must not put in order what the next one has changed already."""
    path, source = device_path(bridge), random.Random(4)
    for number in range(200):
        former = DeviceClient(path)
        answers(former, number)
        former.close()
        pass_a_moment(source)
        client = DeviceClient(path)
        client.set(cflag=termios.CSTOPB)
        answers(client, number)
        assert client.settings()[2] & termios.CSTOPB, number
        client.close()
        wait_until_known_to_be_gone(bridge)


def test_client_that_opens_directly_behind_another_is_answered(bridge):
    path, source = device_path(bridge), random.Random(5)
    for number in range(2000):
        client = DeviceClient(path)
        answers(client, number)
        client.close()
        pass_a_moment(source)


# -- cooked for a moment


def calm(bridge, client):
    """No more output is made, and none is left."""
    (bridge.cwd / "calm").touch()
    taken = 0
    while True:
        bridge.wait_until_idle()
        if not select.select([client.descriptor], [], [], 0)[0]:
            return
        while select.select([client.descriptor], [], [], 0)[0]:
            client.receive_some()
            taken += len(client.take(len(client.buffer)))
            assert taken < MIB, "more than all buffers hold"


def echo_only(client):
    settings = client.settings()
    settings[3] = termios.ECHO
    termios.tcsetattr(client.descriptor, termios.TCSANOW, settings)


COOKED = {
    "cook": DeviceClient.cook,
    "stty-sane": stty_sane,
    "echo": echo_only,
    "lines": lambda client: client.set(lflag=termios.ICANON),
    "echo-of-line-ends": lambda client: client.set(lflag=termios.ICANON | termios.ECHONL),
}
cooked = pytest.mark.parametrize("how", COOKED)


@cooked
def test_output_does_not_come_back_from_a_terminal_that_was_cooked(flood, how):
    client = open_device(flood)
    client.read_until(b"1000: ")
    for _ in range(10 if how == "stty-sane" else 100):
        COOKED[how](client)
        wait_until(lambda: client.settings()[3] & EXTPROC, "the bridge has noticed")
        client.receive_some()
        client.take(len(client.buffer))
    calm(flood, client)
    client.send(b".")
    recorded(flood, b".")


@pytest.mark.skipif(not settings_can_be_locked(), reason="may not lock settings")
@cooked
def test_output_does_not_come_back_from_a_terminal_that_is_cooked_for_an_instant(flood, how):
    client = open_device(flood)
    client.read_until(b"1000: ")
    original = client.settings()
    for number in range(10 if how == "stty-sane" else 200):
        COOKED[how](client)
        if number % 2:
            termios.tcsetattr(client.descriptor, termios.TCSANOW, original)
        client.receive_some()
        client.take(len(client.buffer))
    termios.tcsetattr(client.descriptor, termios.TCSANOW, original)
    calm(flood, client)
    client.send(b".")
    recorded(flood, b".")


@cooked
def test_output_nobody_reads_does_not_come_back_as_input(flood, how):
    client = open_device(flood)
    client.read_until(b"1000: ")
    for _ in range(10):
        flood.wait_until_idle()  # all buffers are full
        COOKED[how](client)
        wait_until(lambda: client.settings()[3] & EXTPROC, "the bridge has noticed")
        client.receive_some(limit=100)
    calm(flood, client)
    client.send(b".")
    recorded(flood, b".")


@cooked
def test_input_sent_right_after_such_a_change_arrives(record, how):
    """With a line end, for which a line discipline waits."""
    client = open_device(record)
    wanted = b""
    for number in range(20):
        COOKED[how](client)
        client.send(b"%d\r" % number)
        wanted += b"%d\r" % number
        recorded(record, wanted)


# -- what waits for a client


def test_banner_reaches_a_client_that_flushes_first(bridge):
    client = open_device(bridge)
    client.flush_input()
    assert repl.banner(client).startswith(b"MicroPython ")


def test_banner_reaches_pyserial(bridge):
    with serial.Serial(device_path(bridge), timeout=30) as port:
        assert port.read_until(b">>> ").startswith(b"MicroPython ")


def test_banner_reaches_a_client_that_types_first(bridge):
    client = open_device(bridge)
    client.send(b"6*7\r")
    text = client.read_until(b"42\r\n>>> ")
    assert text.startswith(b"MicroPython ") and text.endswith(b">>> 6*7\r\n42\r\n>>> ")


def test_banner_reaches_cat(bridge):
    cat = subprocess.Popen(["cat", device_path(bridge)], stdout=subprocess.PIPE)
    try:
        text = b""
        while not text.endswith(b">>> "):
            text += os.read(cat.stdout.fileno(), 65536)
        assert text.startswith(b"MicroPython ")
    finally:
        cat.kill()
        cat.wait()
        cat.stdout.close()
    bridge.wait_for_log("Disconnected")


def test_replay_reaches_programs_that_flush_when_they_open(start_bridge, board_dir):
    bridge = start_bridge("-v", "--replay=64K")
    client = open_device(bridge)
    repl.banner(client)
    for number in range(10):
        go, done = board_dir / f"go{number}", board_dir / f"done{number}"
        code = (
            f"import time, os\nwhile '{go.name}' not in os.listdir(): time.sleep(0.01)\n"
            f"print('unseen', {number})\nopen('{done.name}', 'w').close()"
        )
        repl.FriendlyMode.start(client, code)
        leave(bridge, client)
        go.touch()
        wait_until(done.exists, "the program has printed its line")
        bridge.wait_until_idle()
        with serial.Serial(device_path(bridge), timeout=30) as port:
            assert port.read_until(b">>> ") == b"unseen %d\r\n>>> " % number
        leave(bridge, client)
        client = open_device(bridge)


def test_unread_output_does_not_reach_the_next(bridge):
    client = open_device(bridge)
    repl.banner(client)
    for number in range(30):
        client.send(b"for i in range(3000): print('unread', i)\r\r\r")
        client.read_until(b"unread 100\r\n")
        leave(bridge, client)
        client = open_device(bridge)
        client.send(b"%d + 1000\r" % number)
        wanted = b"%d + 1000\r\n%d\r\n>>> " % (number, number + 1000)
        assert client.read_until(wanted) == wanted


# -- the rules of the board


@pytest.mark.parametrize("mode", repl.MODES, ids=lambda mode: mode.name)
def test_ctrl_c_interrupts(bridge, mode):
    client = open_device(bridge)
    repl.banner(client)
    mode.enter(client)
    for _ in range(5):
        mode.start(client, "print('go' + 'ing')\nwhile True: pass")
        client.read_until(b"going")
        client.send(repl.INTERRUPT)
        assert b"KeyboardInterrupt" in mode.finish(client)[1]


def test_soft_resets_in_the_friendly_repl(bridge):
    client = open_device(bridge)
    repl.banner(client)
    for _ in range(20):
        repl.typed(client, "x = 1")
        client.send(repl.RESET)
        client.read_until(repl.REBOOT)
        repl.banner(client)
        assert b"NameError" in repl.typed(client, "x")


def test_soft_resets_in_the_raw_repl(bridge):
    client = open_device(bridge)
    repl.banner(client)
    repl.enter_raw(client)
    for _ in range(20):
        assert repl.exec_raw(client, "x = 1") == (b"", b"")
        client.send(repl.RESET)
        client.read_until(repl.REBOOT)
        client.read_until(repl.RAW_BANNER)
        assert b"NameError" in repl.exec_raw(client, "x")[1]


def test_line_ends_are_a_boards(bridge):
    client = open_device(bridge)
    repl.banner(client)
    assert repl.typed(client, "print('a\\nb')") == b"a\r\nb\r\n"
    repl.enter_raw(client)
    assert repl.exec_raw(client, "print('a\\nb')") == (b"a\nb\n", b"")


def test_board_runs_on_when_the_client_left(bridge):
    client = open_device(bridge)
    repl.banner(client)
    code = "x = 'y' * 65535\nfor _ in range(160): print(x)\nopen('done', 'w').close()"
    client.send(f"exec({code!r})\r".encode())
    client.close()
    wait_until((bridge.cwd / "done").exists, "the program has printed everything", 120)
    bridge.wait_until_idle()
    client = open_device(bridge)
    client.send(b"6*7\r")
    assert client.read_until(b"42\r\n>>> ") == b"6*7\r\n42\r\n>>> "


# -- every byte


def test_slow_reader_loses_nothing(start_bridge, board_dir):
    (board_dir / "size").write_text(str(SIZE))
    bridge = start_bridge("-v", board=program("gush"))
    client = open_device(bridge)
    check_slow_reader(bridge, client, board_dir, SIZE)
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


@pytest.mark.parametrize("held", [True, False], ids=["stalled-board", "reading-board"])
def test_slow_board_loses_nothing(start_bridge, board_dir, held):
    (board_dir / "size").write_text(str(SIZE))
    if held:
        (board_dir / "hold").touch()
    bridge = start_bridge("-v", board=program("hash_input"))
    client = open_device(bridge)
    check_slow_board(bridge, client, board_dir, SIZE, piece=4096)
    assert processes.peak_memory_mib(bridge.pid) < MEMORY_MIB


def test_both_directions_at_once(start_bridge):
    client = open_device(start_bridge("-v", board=program("echo_bytes")))
    check_both_directions(client, 4 * MIB, piece=4096)


def test_every_byte_from_the_board(start_bridge):
    client = open_device(start_bridge("-v", board=program("all_bytes")))
    for _ in range(10):
        client.send(b".")
        assert client.read_exact(256) == bytes(range(256))


def test_every_byte_to_the_board(record):
    client = open_device(record)
    client.send(bytes(range(256)) * 10)
    recorded(record, bytes(range(256)) * 10)


def test_every_byte_with_flow_control_and_the_rest_of_a_terminals_settings(start_bridge):
    """As long as the program leaves EXTPROC alone: nothing that comes is interpreted."""
    client = open_device(start_bridge("-v", board=program("all_bytes")))
    client.set(
        iflag=termios.IXON | termios.IXANY | termios.ICRNL | termios.BRKINT | termios.PARMRK,
        cflag=termios.CRTSCTS,
        lflag=termios.ISIG | termios.IEXTEN | termios.ECHO,
    )
    client.send(b".")
    client.fill(256)
    client.collect(0.3)
    assert bytes(client.buffer) == bytes(range(256))


# -- coming and going


def resident_kib(bridge):
    return int(processes.status(bridge.pid, "VmRSS").split()[0])


def cycles(bridge, count):
    path = device_path(bridge)
    for number in range(count):
        client = DeviceClient(path)
        kind = number % 5
        if kind == 1:
            client.send(b"'%d'\r" % number)
        elif kind == 2:
            client.send(b"print('unread' * 3000)\r")
        elif kind == 3:
            client.cook()
        elif kind == 4:
            client.flush_input()
            client.send(b"\x03'%d'\r" % number)
        client.close()


def test_two_hundred_cycles_leave_nothing_behind(bridge):
    first = open_device(bridge)
    repl.banner(first)
    settings = first.settings()
    leave(bridge, first)
    files = sorted(processes.open_files(bridge.pid).values())
    cycles(bridge, 200)
    leave(bridge, first)
    memory = resident_kib(bridge)
    cycles(bridge, 200)
    leave(bridge, first)
    assert sorted(processes.open_files(bridge.pid).values()) == files
    assert resident_kib(bridge) - memory < 1024
    client = open_device(bridge)
    assert client.settings() == settings
    client.send(b"6*7\r")
    assert client.read_until(b"42\r\n>>> ") == b"6*7\r\n42\r\n>>> "
    assert "Rejected" not in bridge.log_text()
    assert "made anew" not in bridge.log_text()


def test_two_hundred_empty_cycles_send_nothing_to_the_board(record):
    path = device_path(record)
    for _ in range(200):
        DeviceClient(path).close()
    client = open_device(record)
    client.send(b".")
    recorded(record, b".")


DOOMED = """
import os, sys, time
device = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
os.write(device, b"\\rfor i in range(3000): print('unread', i)\\r\\r\\r")
assert os.read(device, 1)
os.write(device, b"print('half")
print("dying", flush=True)
time.sleep(60)
"""


def test_killed_clients_leave_the_board_to_others(bridge):
    repl.banner(open_device(bridge))
    leave(bridge, bridge.clients[0])
    path = device_path(bridge)
    for number in range(10):
        doomed = start_python(DOOMED, path, stdout=subprocess.PIPE)
        assert doomed.stdout.readline() == b"dying\n"
        doomed.kill()
        doomed.wait()
        doomed.stdout.close()
        leave(bridge, bridge.clients[0])
        client = open_device(bridge)
        client.send(b"\x03")
        client.read_until(b">>> ")
        client.send(b"%d + 1000\r" % number)
        wanted = b"%d + 1000\r\n%d\r\n>>> " % (number, number + 1000)
        assert client.read_until(b"\r\n>>> ") == wanted
        leave(bridge, client)


# -- several programs at once, and those that stay only for an instant


def shell(script, *arguments, **kwargs):
    return subprocess.run(["sh", "-c", script, "sh", *map(str, arguments)], timeout=120, check=True, **kwargs)


def test_input_of_a_client_that_stays_for_an_instant_arrives(record):
    path = device_path(record)
    shell('for number in $(seq 300); do printf "%d." "$number" > "$1"; done', path)
    recorded(record, b"".join(b"%d." % number for number in range(1, 301)))


def test_line_printed_to_the_device_is_executed(bridge):
    path = device_path(bridge)
    shell(r"""printf 'open("made", "w").close()\r' > "$1" """, path)
    wait_until((bridge.cwd / "made").exists, "the board has executed the line")


def test_large_input_of_a_client_that_leaves_at_once_arrives(record):
    data = random.Random(3).randbytes(500_000)
    client = open_device(record)
    client.send(data)
    client.close()
    recorded(record, data)


def test_two_programs_share_the_session(record):
    first, second = open_device(record), open_device(record)
    for number in range(100):
        (second if number % 2 else first).send(b"%d." % number)
        record.wait_for_log("Connected via pty")
    first.close()
    second.send(b"last.")
    wanted = b"".join(b"%d." % number for number in range(100)) + b"last."
    path = record.cwd / "input"
    wait_until(lambda: path.exists() and path.stat().st_size == len(wanted), "the board has read all input")
    assert sorted(path.read_bytes().split(b".")) == sorted(wanted.split(b"."))
    assert b"Device busy" in record.connect_raw().read_to_end()
    second.close()
    record.wait_for_log("Disconnected", count=2)
    assert record.log_text().count("Connected via pty") == 1


def test_cat_in_the_background_loses_nothing_while_others_write(start_bridge, tmp_path):
    bridge = start_bridge("-v", board=program("echo_bytes"))
    path, heard = device_path(bridge), tmp_path / "heard"
    with heard.open("wb") as output:
        cat = subprocess.Popen(["cat", path], stdout=output)
    try:
        bridge.wait_for_log("Connected via pty")
        shell('for number in $(seq 300); do echo "line $number" > "$1"; done', path)
        wanted = b"".join(b"line %d\n" % number for number in range(1, 301))
        wait_until(lambda: heard.stat().st_size >= len(wanted), "cat has seen the answers to all lines")
        assert heard.read_bytes() == wanted
        assert b"Device busy" in bridge.connect_raw().read_to_end()
        assert "Disconnected" not in bridge.log_text()
    finally:
        cat.kill()
        cat.wait()
    bridge.wait_for_log("Disconnected")
    follower = bridge.connect_raw()
    follower.send(b"x")
    assert follower.read_exact(1) == b"x"


def test_cat_loses_nothing_of_a_flood_while_others_come_and_go(start_bridge, board_dir):
    """Every coming and going makes the bridge ask whether anybody is still there."""
    (board_dir / "size").write_text(str(SIZE))
    bridge = start_bridge("-v", board=program("gush"))
    client, path = open_device(bridge), device_path(bridge)
    client.send(b".")
    visitors = subprocess.Popen(["sh", "-c", 'while :; do : > "$1"; done', "sh", path])
    try:
        reader = Hasher(client)
        reader.read(SIZE)
    finally:
        visitors.kill()
        visitors.wait()
    wanted = hashlib.sha256()
    for block in random_bytes(SIZE):
        wanted.update(block)
    assert reader.digest.hexdigest() == wanted.hexdigest()
    assert bridge.log_text().count("Connected via") == 1


# -- programs that lock others out


@only_root
@pytest.mark.parametrize("end", ["exits", "killed"])
def test_exclusive_mode_ends_with_its_program(start_bridge, end):
    bridge = start_bridge("-v", "--pty-mode=666")
    path = device_path(bridge)
    client = open_device(bridge)
    repl.banner(client)
    client.exclusive()
    assert error_of_opening(path) == errno.EBUSY
    client.close()
    for number in range(10):
        leave_exclusive_mode_behind(path, end)
        wait_until(lambda: error_of_opening(path) is None, f"others can open it again ({number})")
    assert "made anew" not in bridge.log_text()


def test_lock_of_a_program_keeps_other_programs_out(bridge):
    path = device_path(bridge)
    with serial.Serial(path, exclusive=True, timeout=30) as port:
        for number in range(20):
            with pytest.raises(serial.SerialException, match="[Cc]ould not exclusively lock"):
                serial.Serial(path, exclusive=True)
            port.write(b"\r%d + 1000\r" % number)
            wanted = b"\r\n%d\r\n>>> " % (number + 1000)
            assert port.read_until(wanted).endswith(wanted)
    wait_until(lambda: can_be_locked(path), "the next program can lock it")


def can_be_locked(path):
    try:
        serial.Serial(path, exclusive=True).close()
    except serial.SerialException:
        return False
    return True
