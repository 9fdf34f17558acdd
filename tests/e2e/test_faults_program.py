"""What a program does to its bridge, or has done to it: the board goes on, or starts anew, and the client is told."""

import hashlib
import os
import random
import re
import signal

import pytest
from support import processes, repl
from support.bridge import program
from support.flow import MIB, Hasher, random_bytes
from support.session import next_bytes
from support.waiting import wait_until

STOPPING = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
WITHOUT_EFFECT = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH}
REFUSAL = b"\r\nError: Device busy - another client is connected\r\n"


# -- signals


def has_bit(pid, field, number):
    return bool(int(processes.status(pid, field), 16) >> (number - 1) & 1)


def ends(pid, number):
    ignored = number in WITHOUT_EFFECT or has_bit(pid, "SigIgn", number) or has_bit(pid, "SigCgt", number)
    return not ignored


def name_of(number):
    """As the C library calls it."""
    if signal.SIGRTMIN <= number <= signal.SIGRTMAX:
        return f"signal {number}"
    return "SIGPOLL" if number == signal.SIGIO else signal.Signals(number).name


def test_every_signal_there_is(start_bridge, kind):
    """The board dies of it, and a new one is there; or it does not, and goes on."""
    bridge = start_bridge("-v")
    client = bridge.connect(kind)
    banner = repl.banner(client)
    ended = []
    for number in sorted(signal.valid_signals() - STOPPING):
        assert repl.typed(client, "6*7") == b"42\r\n"
        board = bridge.board_pid()
        if ends(board, number):
            os.kill(board, number)
            next_bytes(client, b"MPY: crashed (%s)\r\n" % name_of(number).encode() + repl.REBOOT + banner)
            ended.append(number)
        else:
            os.kill(board, number)
            repl.fresh_prompt(client)
            assert bridge.board_pid() == board
    assert len(ended) > 40
    assert not processes.zombie_children(bridge.pid)


def stop_process(pid):
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: processes.state(pid) == "T", "the process is stopped")


def test_stopped_program_goes_on_where_it_was(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    board = bridge.board_pid()
    stop_process(board)
    client.send(b"print(6*7)\r")
    assert bridge.connect(kind).read_to_end() == REFUSAL
    client.close()
    heir = bridge.connect(kind)
    heir.send(b"print(7*7)\r")
    bridge.wait_for_log("Connected", count=2)
    os.kill(board, signal.SIGCONT)
    assert b"49\r\n>>> " in heir.read_until(b"49\r\n>>> ")
    assert bridge.board_pid() == board


def test_stopped_program_can_be_interrupted(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    repl.FriendlyMode.start(client, "print('go' + 'ing')\nwhile True: pass")
    client.read_until(b"going")
    stop_process(bridge.board_pid())
    client.send(repl.INTERRUPT)
    client.read_until(b"KeyboardInterrupt")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_stopped_program_ends_with_the_bridge(bridge, number):
    repl.banner(bridge.connect_raw())
    board = bridge.board_pid()
    stop_process(board)
    bridge.signal(number)
    bridge.wait(15)
    wait_until(lambda: not processes.is_running(board), "the board is gone")


# -- output


def written(pid):
    """How many bytes a process has written in its life."""
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(re.search(r"wchar: (\d+)", file.read())[1])


def test_output_of_a_killed_program_is_read_to_its_end(start_bridge, board_dir, kind):
    """The client reads only when the program is dead: nothing that it wrote is missing, and all is in order."""
    (board_dir / "size").write_text(str(4 * MIB))
    bridge = start_bridge("-v", board=program("gush"))
    client = bridge.connect(kind, receive_buffer=4096)
    if kind == "rfc2217":
        client.agree_binary()
    bridge.wait_until_idle()
    board = bridge.board_pid()
    before = written(board)
    client.send(b".")
    Hasher(client).read(1000)
    bridge.wait_until_idle()
    at_least = written(board) - before
    wait_until(lambda: processes.age(board) > 1.5, "its end is no failure to start any more")
    os.kill(board, signal.SIGKILL)
    end = b"MPY: crashed (SIGKILL)\r\n" + repl.REBOOT
    got = client.read_until(end)[: -len(end)]
    assert 1000 + len(got) >= at_least > 1000
    wanted = b"".join(random_bytes(4 * MIB))[1000:]
    assert hashlib.sha256(got).hexdigest() == hashlib.sha256(wanted[: len(got)]).hexdigest()


def test_storm_of_0xff_that_ends_unread(start_bridge, board_dir, kind):
    """Telnet's escape and nothing else, by a program that ends before its output is read."""
    size = 3 * MIB
    (board_dir / "size").write_text(str(size))
    bridge = start_bridge("-v", board=program("storm_of_ff"))
    client = bridge.connect(kind, receive_buffer=4096)
    if kind == "rfc2217":
        client.agree_binary()
    client.send(b".")
    for _ in range(20):
        client.fill(len(client.buffer) + 1)
        bridge.wait_until_idle()
    end = repl.REBOOT
    assert client.read_until(end) == b"\xff" * size + end
    assert processes.peak_memory_mib(bridge.pid) < 64


# -- its descriptors


def closing(start_bridge, board_dir, kind, numbers):
    (board_dir / "close").write_text(numbers)
    bridge = start_bridge("-v", board=program("close_files"))
    client = bridge.connect(kind)
    client.read_until(b"ready\n")
    wait_until((board_dir / "closed").exists, "they are closed")
    return bridge, client


def end_program(board_dir):
    (board_dir / "close").unlink()
    (board_dir / "end").touch()


def wait_for_input(board_dir, wanted):
    path = board_dir / "input"
    wait_until(lambda: path.exists() and path.read_bytes().endswith(wanted), "the input arrives")
    assert path.read_bytes() == wanted


def test_program_that_closes_its_input_goes_on_printing(start_bridge, board_dir, kind):
    """What is sent to it is for the next one."""
    bridge, client = closing(start_bridge, board_dir, kind, "0")
    data = random.Random(3).randbytes(200_000).replace(b"\xff", b"-").replace(b"\r", b"-")
    client.send(data)
    client.buffer.clear()
    client.read_until(b"tick\n" * 10)
    end_program(board_dir)
    client.read_until(repl.REBOOT + b"ready\n")
    wait_for_input(board_dir, data)


@pytest.mark.parametrize("numbers", ["1", "1 2"])
def test_program_that_closes_its_output_goes_on_reading(start_bridge, board_dir, kind, numbers):
    bridge, client = closing(start_bridge, board_dir, kind, numbers)
    for number in range(10):
        client.send(b"%d," % number)
        wait_for_input(board_dir, b"".join(b"%d," % n for n in range(number + 1)))
    assert not client.buffer and "Soft reset" not in bridge.log_text()
    end_program(board_dir)
    client.read_until(repl.REBOOT + b"ready\n")


def test_program_that_closes_everything_is_the_board_until_it_ends(start_bridge, board_dir, kind):
    bridge, client = closing(start_bridge, board_dir, kind, "0 1 2")
    board = bridge.board_pid()
    client.send(b"for the next one")
    bridge.wait_until_it_sleeps()
    assert bridge.board_pid() == board
    end_program(board_dir)
    client.read_until(repl.REBOOT + b"ready\n")
    wait_for_input(board_dir, b"for the next one")


def test_program_that_changes_its_terminal_does_so_for_itself_only(start_bridge, kind):
    bridge = start_bridge("-v", board=program("cooked"))
    client = bridge.connect(kind)
    client.read_until(b"ready")
    client.send(b"line\n")
    client.read_until(repl.REBOOT + b"again\n")
    if kind == "rfc2217":
        client.agree_binary()
    everything = bytes(range(256)) * 10
    client.send(everything)
    assert client.read_exact(len(everything)) == everything


def test_micropython_that_makes_its_terminal_sane(bridge, kind):
    """It then prints more line ends than it should, but can be interrupted and reset as ever."""
    client = bridge.connect(kind)
    banner = repl.banner(client)
    client.send(b"import os; _ = os.system('stty sane')\r")
    client.read_until(b"\n>>> ")
    for _ in range(3):
        client.send(b"print('go' + 'ing')\rwhile True: pass\r\r")
        client.read_until(b"going")
        client.read_until(b"... ")
        client.send(repl.INTERRUPT)
        client.read_until(b"KeyboardInterrupt")
        client.read_until(repl.FRIENDLY_PROMPT)
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    next_bytes(client, banner)
    assert repl.typed(client, "6*7") == b"42\r\n"


# -- its children

CHILDREN = {
    "plain": b"p", "flooding": b"f", "own-group": b"g", "own-session": b"s", "flooding-session": b"F"
}  # fmt: skip


@pytest.fixture(params=CHILDREN)
def parent(request, start_bridge, board_dir, kind):
    """A bridge whose board has a child that ignores SIGHUP or not, its client, and the child."""
    bridge = start_bridge("-v", board=program("leave_child"))
    client = bridge.connect(kind)
    client.read_until(b"ready\n")
    client.send(CHILDREN[request.param])
    path = board_dir / "child"
    child = int(wait_until(lambda: path.exists() and path.read_text(), "there is a child"))
    yield bridge, client, child
    if processes.is_running(child):
        os.kill(child, signal.SIGKILL)


def test_children_end_with_the_board(parent):
    bridge, client, child = parent
    client.send(b".")
    client.read_until(repl.REBOOT + b"ready\n")
    wait_until(lambda: not processes.is_running(child), "the child ends with its board")


def test_children_end_with_a_bridge_that_ends(parent):
    bridge, client, child = parent
    bridge.signal(signal.SIGTERM)
    assert bridge.wait(15) == 0
    wait_until(lambda: not processes.is_running(child), "the child ends with the bridge")
