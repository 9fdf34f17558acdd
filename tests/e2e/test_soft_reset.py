"""Soft resets: the exact bytes of a board, whatever ended the process, and never one too few or too many."""

import os
import re
import signal
import time

import pytest
from support import processes, repl
from support.bridge import program
from support.repl import FRIENDLY, FRIENDLY_PROMPT, RAW, RAW_BANNER, REBOOT, RESET, RawMode
from support.session import RAW_REBOOT, Session, next_bytes
from support.waiting import wait_until


@pytest.fixture
def session(bridge, kind):
    return Session(bridge, kind)


def nothing_more(client):
    """The board answers a command of ours and has said nothing in between."""
    client.send(b"6*7\r")
    assert client.read_until(b"42\r\n>>> ") == b"6*7\r\n42\r\n>>> "


def nothing_more_raw(client):
    client.send(b"print(6*7)\x04")
    assert client.read_until(b"\x04>") == b"OK42\n\x04\x04>"


# -- the table


def test_friendly_reset_by_ctrl_d(session):
    session.client.send(RESET)
    next_bytes(session.client, b"\r\n" + REBOOT + session.banner)
    nothing_more(session.client)


ENDINGS = ["import sys; sys.exit()", "raise SystemExit", "import machine; machine.soft_reset()"]


@pytest.mark.parametrize("line", [*ENDINGS, "import sys; sys.exit(3)"])
def test_friendly_reset_by_the_program(session, line):
    session.client.send(line.encode() + b"\r")
    next_bytes(session.client, line.encode() + b"\r\n" + REBOOT + session.banner)
    nothing_more(session.client)


def test_raw_reset_by_ctrl_d(session):
    repl.enter_raw(session.client)
    session.client.send(RESET)
    next_bytes(session.client, b"OK\r\n" + RAW_REBOOT)
    nothing_more_raw(session.client)


@pytest.mark.parametrize("code", ENDINGS)
def test_raw_reset_by_the_program(session, code):
    repl.enter_raw(session.client)
    session.client.send(code.encode() + RESET)
    next_bytes(session.client, b"OK\x04\x04" + RAW_REBOOT)
    nothing_more_raw(session.client)


def test_raw_reset_by_the_program_in_raw_paste_mode(session):
    repl.enter_raw(session.client)
    repl.RawPasteMode.start(session.client, "raise SystemExit")
    next_bytes(session.client, b"\x04\x04" + RAW_REBOOT)
    nothing_more_raw(session.client)


def test_output_before_the_end_arrives_whole(session):
    repl.enter_raw(session.client)
    session.client.send(b"print('x' * 100000)\nraise SystemExit\x04")
    next_bytes(session.client, b"OK" + b"x" * 100000 + b"\n\x04\x04" + RAW_REBOOT)


# -- the mode


def test_mode_is_friendly_again_after_ctrl_b(session):
    repl.enter_raw(session.client)
    session.client.send(FRIENDLY)
    repl.banner(session.client)
    session.client.send(RESET)
    next_bytes(session.client, b"\r\n" + REBOOT + session.banner)


def test_mode_goes_back_and_forth(session):
    for _ in range(5):
        repl.enter_raw(session.client)
        session.client.send(RESET)
        next_bytes(session.client, b"OK\r\n" + RAW_REBOOT)
        session.client.send(FRIENDLY)
        repl.banner(session.client)
        session.client.send(RESET)
        next_bytes(session.client, b"\r\n" + REBOOT + session.banner)


def test_ctrl_a_in_the_raw_repl_keeps_it_raw(session):
    repl.enter_raw(session.client)
    repl.enter_raw(session.client)
    session.client.send(RESET)
    next_bytes(session.client, b"OK\r\n" + RAW_REBOOT)


def test_ctrl_b_in_the_friendly_repl_keeps_it_friendly(session):
    session.client.send(FRIENDLY)
    repl.banner(session.client)
    session.client.send(RESET)
    next_bytes(session.client, b"\r\n" + REBOOT + session.banner)


def test_mpremotes_way_in_and_out(session):
    client = session.client
    for _ in range(5):
        client.send(b"\r\x03")
        client.send(b"\r\x01")
        client.read_until(RAW_BANNER)
        client.send(RESET)
        next_bytes(client, b"OK\r\n" + RAW_REBOOT)
        client.send(b"\r\x02")
        repl.banner(client)


def test_raw_mode_is_known_to_a_client_that_comes_later(session, kind):
    repl.enter_raw(session.client)
    session.client.close()
    heir = session.bridge.connect(kind)
    heir.send(RESET)
    next_bytes(heir, b"OK\r\n" + RAW_REBOOT)


def test_raw_mode_asked_for_by_a_client_that_left_at_once(session, kind):
    session.client.send(RAW)
    session.client.close()
    heir = session.bridge.connect(kind)
    heir.send(b"print(6*7)\x04")
    heir.read_until(b"42\n\x04\x04>")
    heir.send(RESET)
    next_bytes(heir, b"OK\r\n" + RAW_REBOOT)


def test_reset_while_nobody_is_there(session, kind):
    repl.typed(session.client, "gone = 1")
    session.client.send(RESET)
    session.client.close()
    heir = session.bridge.connect(kind)
    heir.send(b"\r'gone' in globals()\r")
    heir.read_until(b"False\r\n>>> ")
    heir.send(RESET)
    next_bytes(heir, b"\r\n" + REBOOT + session.banner)


RAW_TEXT = r"'raw REPL; CTRL-B to exit\r\n>'"


def test_printing_the_raw_text_changes_nothing(session):
    repl.typed(session.client, f"print({RAW_TEXT}, end='')")
    session.client.send(RESET)
    next_bytes(session.client, b"\r\n" + REBOOT + session.banner)


def test_reading_0x01_as_data_and_printing_the_raw_text_changes_nothing(session):
    code = f"import sys; print('go' + 'ing'); x = sys.stdin.read(1); print({RAW_TEXT}, end='')"
    repl.FriendlyMode.start(session.client, code)
    session.client.read_until(b"going\r\n")
    session.client.send(RAW)
    session.client.read_until(RAW_BANNER)
    session.client.read_until(FRIENDLY_PROMPT)
    session.client.send(RESET)
    next_bytes(session.client, b"\r\n" + REBOOT + session.banner)


def test_reading_0x02_as_data_and_printing_a_prompt_changes_nothing(session):
    repl.enter_raw(session.client)
    RawMode.start(session.client, "import sys; print('go' + 'ing'); x = sys.stdin.read(1); print('\\r\\n>>> ', end='')")
    session.client.read_until(b"going\n")
    session.client.send(FRIENDLY)
    next_bytes(session.client, b"\r\n>>> \x04\x04>")
    session.client.send(RESET)
    next_bytes(session.client, b"OK\r\n" + RAW_REBOOT)


def test_printing_a_friendly_prompt_in_the_raw_repl_changes_nothing(session):
    repl.enter_raw(session.client)
    repl.exec_raw(session.client, "print('MicroPython v1; x\\r\\n>>> ', end='')")
    session.client.send(RESET)
    next_bytes(session.client, b"OK\r\n" + RAW_REBOOT)


def test_printing_the_reboot_text_changes_nothing(session):
    repl.enter_raw(session.client)
    output, _ = repl.exec_raw(session.client, "print('OK\\r\\nMPY: soft reboot\\r\\n', end='')")
    assert output == b"OK\r\nMPY: soft reboot\r\n"
    nothing_more_raw(session.client)


# -- typed ahead


def test_typed_ahead_in_the_raw_repl(session):
    repl.enter_raw(session.client)
    for _ in range(20):
        session.client.send(b"\x04print(6*7)\x04")
        next_bytes(session.client, b"OK\r\n" + RAW_REBOOT + b"OK42\n\x04\x04>")


def test_typed_ahead_in_the_friendly_repl(session):
    for _ in range(20):
        session.client.send(b"\x04print(6*7)\r")
        next_bytes(session.client, b"\r\n" + REBOOT + session.banner + b"print(6*7)\r\n42\r\n>>> ")


def test_typed_ahead_several_resets_in_one_write(session):
    repl.enter_raw(session.client)
    session.client.send(b"\x04\x04print(6*7)\x04\x04")
    once = b"OK\r\n" + RAW_REBOOT
    next_bytes(session.client, once + once + b"OK42\n\x04\x04>" + once)


def test_input_sent_during_a_reset_reaches_the_new_process(session):
    repl.enter_raw(session.client)
    for _ in range(20):
        session.client.send(RESET)
        for byte in b"print(6*7)\x04":
            session.client.send(bytes([byte]))
        next_bytes(session.client, b"OK\r\n" + RAW_REBOOT + b"OK42\n\x04\x04>")


def test_input_the_old_process_never_read_reaches_the_new_one(session):
    client = session.client
    line = b"import sys, time; time.sleep(0.3); sys.exit()"
    client.send(line + b"\rprint(6*7)\r")
    next_bytes(client, line + b"\r\n" + REBOOT + session.banner + b"print(6*7)\r\n42\r\n>>> ")


@pytest.mark.parametrize("kib", [3, 64, 300])
def test_much_input_typed_ahead_is_not_lost(session, kib):
    repl.enter_raw(session.client)
    chunks = kib * 1024 // 64
    session.client.send(RESET + (b"#" * 63 + b"\x04") * chunks + b"print(6*7)\x04")
    next_bytes(session.client, b"OK\r\n" + RAW_REBOOT + b"OK\x04\x04>" * chunks + b"OK42\n\x04\x04>")


def test_leaving_the_raw_repl_right_behind_a_reset(session):
    """The Ctrl-B is for the new process, after its way into the raw REPL."""
    for _ in range(10):
        repl.enter_raw(session.client)
        session.client.send(RESET + FRIENDLY)
        next_bytes(session.client, b"OK\r\n" + RAW_REBOOT + b"\r\n" + session.banner)
        nothing_more(session.client)


# -- a thousand


with_and_without_spare = pytest.mark.parametrize("standby", [0, 1], ids=["new-process", "spare"])


@with_and_without_spare
def test_a_thousand_friendly_resets(start_bridge, standby):
    check_a_thousand_resets(Session(start_bridge("-v", "--standby", standby), "socket"))


@with_and_without_spare
def test_a_thousand_raw_resets(start_bridge, standby):
    check_a_thousand_resets(Session(start_bridge("-v", "--standby", standby), "rfc2217", "raw"))


def check_a_thousand_resets(session):
    for _ in range(1000):
        session.reset()
    session.nothing_more()
    assert_reaped(session.bridge)


# -- crashes

SEGFAULT = "import uctypes; uctypes.bytearray_at(8, 4)[0] = 1"


def test_crash_in_the_friendly_repl(session):
    session.client.send(SEGFAULT.encode() + b"\r")
    wanted = SEGFAULT.encode() + b"\r\n" + b"MPY: crashed (SIGSEGV)\r\n" + REBOOT + session.banner
    next_bytes(session.client, wanted)
    session.bridge.wait_for_log("SIGSEGV")
    nothing_more(session.client)


def test_crash_in_the_raw_repl(session):
    repl.enter_raw(session.client)
    session.client.send(SEGFAULT.encode() + RESET)
    next_bytes(session.client, b"OK" + b"MPY: crashed (SIGSEGV)\r\n" + RAW_REBOOT)
    session.bridge.wait_for_log("SIGSEGV")
    nothing_more_raw(session.client)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT], ids=lambda number: number.name)
def test_kill_from_outside(session, number):
    repl.RawMode.enter(session.client)
    os.kill(session.bridge.board_pid(), number)
    assert session.client.read_until(REBOOT).endswith(b"MPY: crashed (%s)\r\n" % number.name.encode() + REBOOT)
    next_bytes(session.client, RAW_BANNER)
    session.bridge.wait_for_log(number.name)
    nothing_more_raw(session.client)


def test_normal_end_is_not_called_a_crash(session):
    session.client.send(RESET)
    next_bytes(session.client, b"\r\n" + REBOOT + session.banner)
    assert "crash" not in session.bridge.log_text().lower()


def test_crash_while_nobody_is_there(session, kind):
    session.client.close()
    session.bridge.wait_for_log("Disconnected")
    old = session.bridge.board_pid()
    os.kill(old, signal.SIGSEGV)
    session.bridge.wait_for_log("SIGSEGV")
    wait_until(lambda: session.bridge.board_pid() != old, "a new board runs")
    heir = session.bridge.connect(kind)
    heir.send(b"\r6*7\r")
    heir.read_until(b"42\r\n>>> ")


# -- what stays and what goes


@pytest.mark.parametrize("mode", repl.MODES, ids=lambda mode: mode.name)
def test_state_is_gone_and_files_stay(session, mode):
    client = session.client
    mode.enter(client)
    repl.run(client, mode, "kept = 1\nwith open('file', 'w') as f: x = f.write('content')")
    client.send(RESET)
    client.read_until(REBOOT)
    client.read_until(RAW_BANNER if mode.name != "friendly" else FRIENDLY_PROMPT)
    output = repl.run(client, mode, "print('kept' in globals(), open('file').read())")
    assert output.strip() == b"False content"


def test_old_process_is_reaped(session):
    pids = {session.bridge.board_pid()}
    for _ in range(20):
        session.client.send(RESET)
        next_bytes(session.client, b"\r\n" + REBOOT + session.banner)
        pids.add(session.bridge.board_pid())
    assert len(pids) == 21
    assert_reaped(session.bridge)
    current = session.bridge.board_pid()
    wait_until(lambda: not [pid for pid in pids - {current} if is_board(session.bridge, pid)], "old boards are gone")


def is_board(bridge, pid):
    return processes.exists(pid) and processes.stat_fields(pid)[1:2] == [str(bridge.pid)]


def assert_reaped(bridge):
    wait_until(lambda: not processes.zombie_children(bridge.pid), "no zombie is left")


@with_and_without_spare
def test_descriptors_do_not_pile_up(start_bridge, kind, standby):
    bridge = start_bridge("-v", "--standby", standby)
    session = Session(bridge, kind)

    def descriptors():
        bridge.wait_for_spares(standby)
        bridge.wait_until_idle()
        return len(processes.open_files(bridge.pid))

    session.reset()
    before = descriptors()
    for _ in range(20):
        session.reset()
        session.nothing_more()
    assert descriptors() <= before


# -- ends again and again


def starts(board_dir):
    path = board_dir / "starts"
    return [float(line) for line in path.read_text().split()] if path.exists() else []


def crash_loop(start_bridge, kind):
    bridge = start_bridge(board=program("flaky"))
    client = bridge.connect(kind)
    repl.banner(client)
    client.send(b"x")
    return bridge, client


def test_crash_loop_backs_off_and_tells_log_and_client(start_bridge, board_dir, kind):
    bridge, client = crash_loop(start_bridge, kind)
    bridge.wait_for_log("WARNING - .*(restart|again|end|exit)")
    assert client.read_until(b"\r\n")
    wait_until(lambda: len(starts(board_dir)) >= 6, "the program is started again and again")
    times = starts(board_dir)
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert gaps[-1] > gaps[0] and gaps[-1] > 0.2, gaps
    assert max(gaps) < 15, gaps
    assert processes.cpu_seconds(bridge.pid) < 2
    assert bridge.process.poll() is None


def test_client_in_a_crash_loop_is_told_why_nothing_happens(start_bridge, kind):
    _, client = crash_loop(start_bridge, kind)
    lines = []
    while not any(re.search(rb"(?i)restart|again|start|exit|fail|wait", line) for line in lines):
        lines.append(client.read_until(b"\r\n").replace(REBOOT, b""))
        assert len(lines) < 20, lines


def test_program_that_recovers_is_served_again(start_bridge, board_dir, kind):
    _, client = crash_loop(start_bridge, kind)
    wait_until(lambda: len(starts(board_dir)) >= 4, "the program has failed a few times")
    (board_dir / "healed").touch()
    client.read_until(b"version\r\n>>> ")


def test_clients_can_come_and_go_during_a_crash_loop(start_bridge, board_dir, kind):
    bridge, client = crash_loop(start_bridge, kind)
    wait_until(lambda: len(starts(board_dir)) >= 4, "the program has failed a few times")
    for _ in range(20):
        client.close()
        client = bridge.connect(kind)
    (board_dir / "healed").touch()
    client.read_until(b">>> ")


def test_program_that_always_ends_well_at_once_is_no_reason_to_spin_or_die(start_bridge, board_dir):
    bridge = start_bridge("-v", board=program("exit_at_once"))
    bridge.wait_for_log("WARNING")
    begin = time.monotonic()
    wait_until(lambda: (board_dir / "starts").read_text().count("start") >= 6, "the program is started again and again")
    assert time.monotonic() - begin > 0.2
    assert processes.cpu_seconds(bridge.pid) < 2
    assert bridge.process.poll() is None
    assert_reaped(bridge)
