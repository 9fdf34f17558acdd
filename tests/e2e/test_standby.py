"""Spares: MicroPythons started ahead of a soft reset take the board's place, and no client can tell but by the time."""

import os
import re
import shlex
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, free_ports, micropython, run_once
from support.repl import INTERRUPT, REBOOT, RESET
from support.session import Session, next_bytes
from support.telnet import BRK, command
from support.waiting import wait_until

# Each of the REPLs is reached in another way.
KINDS = {"friendly": "socket", "raw": "rfc2217"}
TALKS = {"friendly": repl.FriendlyMode, "raw": repl.RawMode}
every_mode = pytest.mark.parametrize("mode", KINDS)
INTERPRETER = os.path.abspath(micropython())


@pytest.fixture
def mode():
    """The REPL the client is in; a test that is for both says so."""
    return "friendly"


@pytest.fixture
def session(start_bridge, mode):
    """A client of a bridge whose spare waits at its prompt."""
    session = Session(start_bridge("-v"), KINDS[mode], mode)
    session.bridge.wait_for_spares()
    return session


def shell_script(path, *lines):
    """An executable script that begins in these lines, and then is MicroPython."""
    path.write_text("\n".join(["#!/bin/sh", *lines, f'exec {shlex.quote(INTERPRETER)} "$@"', ""]))
    path.chmod(0o755)
    return path


def is_gone(pid):
    return not processes.exists(pid)


def wait_until_gone(pid):
    wait_until(lambda: is_gone(pid), "it is gone and reaped")


def wait_until_ended(pid):
    wait_until(lambda: not processes.is_running(pid), "it has ended")


# -- a spare takes over


@every_mode
def test_spare_becomes_the_board_and_another_one_is_started(session):
    bridge = session.bridge
    for _ in range(3):
        board, [spare] = bridge.board_pid(), bridge.wait_for_spares()
        session.reset()
        assert bridge.board_pid() == spare
        assert is_gone(board)
        session.nothing_more()


def test_board_seen_from_inside_is_the_spare(session):
    [spare] = session.bridge.wait_for_spares()
    session.reset()
    assert repl.board_pid(session.client) == spare == session.bridge.board_pid()


@every_mode
def test_hundred_resets_with_a_spare_at_its_prompt(session):
    bridge = session.bridge
    [spare] = bridge.wait_for_spares()
    bridge.wait_until_idle()
    before = len(processes.open_files(bridge.pid))
    for _ in range(100):
        session.client.send(RESET + session.command)
        next_bytes(session.client, session.reset_text + session.answer)
        assert bridge.board_pid() == spare
        [spare] = bridge.wait_for_spares()
    bridge.wait_until_idle()
    assert len(processes.open_files(bridge.pid)) <= before
    assert len(processes.children(bridge.pid)) == 2


def test_three_hundred_resets_that_wait_for_nothing(start_bridge):
    """The client sends on without reading: wherever a reset falls, into a start, a take-over or a rest."""
    session = Session(start_bridge("-v"), "socket", "raw")
    for _ in range(10):
        for _ in range(30):
            session.client.send(RESET)
            session.client.send(session.command)
        next_bytes(session.client, (session.reset_text + session.answer) * 30)
    session.bridge.wait_for_spares()
    assert len(processes.children(session.bridge.pid)) == 2


@every_mode
def test_hundred_resets_in_one_write(session):
    session.client.send(RESET * 100 + session.command)
    next_bytes(session.client, session.reset_text * 100 + session.answer)
    session.nothing_more()


@every_mode
def test_several_spares_are_all_of_use(start_bridge, mode):
    bridge = start_bridge("-v", "--standby", 3)
    session = Session(bridge, KINDS[mode], mode)
    bridge.wait_for_spares(3)
    for _ in range(10):
        spares = wait_until(bridge.spares, "there is a spare")
        session.reset()
        assert bridge.board_pid() in spares
        session.nothing_more()
    bridge.wait_for_spares(3)


def test_sixteen_spares_and_not_one_more(start_bridge):
    bridge = start_bridge("--standby", 16)
    bridge.wait_for_spares(16)
    bridge.wait_until_idle()
    assert len(bridge.spares()) == 16


# -- what the client must not notice


@every_mode
def test_state_is_gone_and_files_stay(session, mode):
    talk = TALKS[mode]
    code = "kept = 1\nimport os\nos.mkdir('sub')\nos.chdir('sub')\nwith open('file', 'w') as f: x = f.write('content')"
    repl.run(session.client, talk, code)
    session.reset()
    output = repl.run(session.client, talk, "print('kept' in globals(), open('sub/file').read())")
    assert output.strip() == b"False content"


GOING = "print('go' + 'ing')\n"


@every_mode
def test_interrupt_in_a_process_that_took_over(session, mode):
    talk = TALKS[mode]
    session.reset()
    repl.run(session.client, talk, "kept = 41")
    for _ in range(3):
        talk.start(session.client, GOING + "while True: pass")
        session.client.read_until(b"going")
        session.client.send(INTERRUPT)
        assert b"KeyboardInterrupt" in talk.finish(session.client)[1]
    assert repl.run(session.client, talk, "print(kept + 1)").strip() == b"42"


@every_mode
def test_interrupt_sent_behind_the_reset(session, mode):
    """The program that it ends came to the new process with the reset."""
    ending = {"friendly": b"\r\r", "raw": b"\x04"}[mode]
    session.client.send(RESET + b"exec(\"print('go' + 'ing')\\nwhile True: pass\")" + ending)
    session.client.read_until(b"going")
    session.client.send(INTERRUPT)
    session.client.read_until(b"KeyboardInterrupt")
    session.client.read_until({"friendly": b">>> ", "raw": b"\x04>"}[mode])


def test_interrupt_switched_off_in_a_process_that_took_over(session):
    talk = repl.FriendlyMode
    session.reset()
    code = (
        "import sys, micropython\nmicropython.kbd_intr(-1)\n" + GOING + "data = sys.stdin.buffer.read(256)\n"
        "micropython.kbd_intr(3)\nprint(data == bytes(range(256)))"
    )
    talk.start(session.client, code)
    session.client.read_until(b"going")
    session.client.send(bytes(range(256)))
    output, error = talk.finish(session.client)
    assert (output.strip(), error) == (b"True", b"")


@every_mode
def test_crash_is_reported(session, mode):
    [spare] = session.bridge.wait_for_spares()
    crash = b"import uctypes; uctypes.bytearray_at(8, 4)[0] = 1"
    before = {"friendly": crash + b"\r\n", "raw": b"OK"}[mode]
    after = session.reset_text[session.reset_text.index(REBOOT) :]
    session.client.send(crash + {"friendly": b"\r", "raw": b"\x04"}[mode])
    next_bytes(session.client, before + b"MPY: crashed (SIGSEGV)\r\n" + after)
    session.bridge.wait_for_log("WARNING.*SIGSEGV")
    assert session.bridge.board_pid() == spare
    session.nothing_more()


def test_reset_button(start_bridge):
    bridge = start_bridge("-v", "--on-break", "reset")
    session = Session(bridge, "rfc2217")
    for _ in range(3):
        [spare] = bridge.wait_for_spares()
        session.client.send_wire(command(BRK))
        next_bytes(session.client, session.banner)
        assert bridge.board_pid() == spare
        session.nothing_more()


@pytest.mark.parametrize("options", [[], ["--replay=64K"]], ids=["no-replay", "replay"])
def test_next_client_sees_of_an_end_what_it_saw_without_a_spare(start_bridge, options):
    seen = [seen_after_an_end(start_bridge, "--standby", count, *options) for count in (0, 1)]
    assert seen[0] == seen[1]


def seen_after_an_end(start_bridge, *options):
    bridge = start_bridge("-v", *options)
    Session(bridge, "socket").client.close()
    bridge.wait_for_log("Disconnected")
    bridge.wait_for_spares(int(options[1]))
    os.kill(bridge.board_pid(), signal.SIGSEGV)
    bridge.wait_for_log("SIGSEGV")
    wait_until(lambda: processes.waits_at_prompt(bridge.board_pid()), "the new board is at its prompt")
    bridge.wait_until_idle()
    heir = bridge.connect_raw()
    heir.send(b"print(6*7)\r")
    return heir.read_until(b"\r\n42\r\n>>> ")


@pytest.mark.parametrize("options", [[], ["--replay=64K"]], ids=["no-replay", "replay"])
def test_next_client_sees_nothing_of_a_spare(start_bridge, options):
    bridge = start_bridge("-v", *options)
    session = Session(bridge, "socket")
    [spare] = bridge.wait_for_spares()
    session.client.close()
    bridge.wait_for_log("Disconnected")
    replace_spare(bridge, spare)
    session.client = bridge.connect_raw()
    session.nothing_more()


def test_output_that_is_no_text_stays_so_when_a_spare_is_started(session):
    """Line ends are left alone until the board's own prompt comes, and not until a spare's."""
    code = (
        "import sys, os\nx = sys.stdout.buffer.write(b'\\xff\\x00')\nwhile 'go' not in os.listdir(): pass\n"
        "x = sys.stdout.buffer.write(b'a\\nb\\n')"
    )
    [spare] = session.bridge.wait_for_spares()
    repl.FriendlyMode.start(session.client, code)
    session.client.read_until(b"\x00")
    replace_spare(session.bridge, spare)
    (session.bridge.cwd / "go").touch()
    assert session.client.read_until(b">>> ") == b"a\nb\n>>> "


# -- when there is a spare


@pytest.mark.parametrize(
    "options",
    [
        ["-OO"],
        ["-X", "heapsize=4M"],
        ["-X", "heapsize=4M", "-X", "emit=native"],
        ["--mp-verbose"],
        ["--micropython-args=-X heapsize=4M -O -v"],
    ],
    ids=" ".join,
)
def test_spare_has_the_boards_options_and_surroundings(start_bridge, options):
    bridge = start_bridge(*options, env={"MPBRIDGE_E2E_GREETING": "hello"})
    [spare] = bridge.wait_for_spares()
    assert surroundings(spare) == surroundings(bridge.board_pid())


def surroundings(pid):
    links = [os.readlink(f"/proc/{pid}/{name}") for name in ("cwd", "root", "exe")]
    files = [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ", "limits")]
    return links, files


def never_gets_a_spare(bridge, start_bridge):
    """Another bridge, started later, has one by now, and this one has nothing left to do."""
    start_bridge().wait_for_spares()
    bridge.wait_until_idle()
    assert bridge.spares() == []


def test_standby_0_is_none(start_bridge):
    bridge = start_bridge("--standby=0")
    session = Session(bridge, "socket")
    never_gets_a_spare(bridge, start_bridge)
    session.reset()
    session.nothing_more()
    never_gets_a_spare(bridge, start_bridge)


def test_none_for_a_program_that_is_not_micropython(start_bridge):
    bridge = start_bridge(board="/bin/cat")
    client = bridge.connect_raw()
    client.send(b"hello\n")
    client.read_until(b"hello\n")
    never_gets_a_spare(bridge, start_bridge)


NOTE_START = "open('starts', 'a').write('x')"
# Like MicroPython's own prompt in every respect: shown, and waited at.
NOTE_AND_PROMPT = NOTE_START + "; input('>>> ')"


@pytest.mark.parametrize(
    "options",
    [
        ["--micropython-args=prompt.py"],
        ["--micropython-args=prompt.py -O"],
        ["--micropython-args=-i note.py"],
        ["--micropython-args=-m prompt"],
        [f'--micropython-args=-c "{NOTE_AND_PROMPT}"'],
        [f'--micropython-args=-i -c "{NOTE_START}"'],
        ["--micropython-args=-X heapsize=4M prompt.py"],
        ["--micropython-args=-O", "--micropython-args=prompt.py"],
        ["-X", "heapsize=4M", "-O", "--mp-verbose", "--micropython-args=prompt.py"],
    ],
    ids=lambda options: " ".join(options).replace("--micropython-args=", ""),
)
def test_none_for_code_that_is_run_at_the_start(start_bridge, board_dir, options):
    (board_dir / "note.py").write_text(NOTE_START)
    (board_dir / "prompt.py").write_text(NOTE_AND_PROMPT)
    bridge = start_bridge(*options, "--standby=2")
    client = bridge.connect_raw()
    client.read_until(b">>> ")
    never_gets_a_spare(bridge, start_bridge)
    assert (board_dir / "starts").read_text() == "x"


def test_board_that_is_never_quiet_gets_one_too(session):
    """The program comes with the reset, so the new process is at work from its first prompt on."""
    [spare] = session.bridge.wait_for_spares()
    session.client.send(RESET + b"exec(\"import time\\nprint('go' + 'ing')\\nwhile True: time.sleep(1)\")\r")
    session.client.read_until(b"going")
    assert session.bridge.board_pid() == spare
    session.bridge.wait_for_spares()
    session.client.send(INTERRUPT)
    session.client.read_until(b"KeyboardInterrupt")
    session.client.read_until(b">>> ")
    session.reset()


@pytest.mark.parametrize("connected", [True, False], ids=["silent-client", "nobody"])
def test_bridge_with_spares_and_they_themselves_do_nothing_when_idle(start_bridge, connected):
    bridge = start_bridge("-v", "--standby", 2)
    session = Session(bridge, "socket")
    session.reset()
    if not connected:
        session.client.close()
        bridge.wait_for_log("Disconnected")
    spares = bridge.wait_for_spares(2)
    bridge.wait_until_it_sleeps()
    before = [processes.steps(pid) for pid in spares]
    bridge.wait_until_it_sleeps()
    assert [processes.steps(pid) for pid in spares] == before


# -- a spare that is not what it should be


def replace_executable(tmp_path, how):
    """Put another MicroPython in the place of the first; its level of optimisation tells which one runs."""
    path = tmp_path / "micropython"
    new = tmp_path / "new"
    new.write_text(f'#!/bin/sh\nexec {shlex.quote(INTERPRETER)} -O "$@"\n')
    new.chmod(0o755)
    if how == "rewritten":
        path.write_bytes(new.read_bytes())
    elif how == "another-link":
        link = tmp_path / "link"
        link.symlink_to(new)
        os.replace(link, path)
    else:
        os.replace(new, path)


@every_mode
@pytest.mark.parametrize("how", ["renamed-over", "rewritten", "another-link"])
def test_executable_that_was_replaced_is_what_runs_after_a_reset(start_bridge, tmp_path, mode, how):
    path = tmp_path / "micropython"
    if how == "another-link":
        path.symlink_to(INTERPRETER)
    elif how == "rewritten":
        shell_script(path)
    else:
        shutil.copy2(INTERPRETER, path)
    bridge = start_bridge(board=path)
    session = Session(bridge, KINDS[mode], mode)
    assert opt_level(session, mode) == b"0"
    [spare] = bridge.wait_for_spares()
    replace_executable(tmp_path, how)
    for _ in range(2):
        session.reset()
        assert opt_level(session, mode) == b"1"
        bridge.wait_for_spares()
        wait_until_gone(spare)


def opt_level(session, mode):
    talk = TALKS[mode]
    return repl.run(session.client, talk, "import micropython; print(micropython.opt_level())").strip()


@pytest.mark.parametrize("how", ["renamed", "removed"])
def test_working_directory_that_was_replaced_is_seen_as_it_is(session, board_dir, how):
    [spare] = session.bridge.wait_for_spares()
    (board_dir / "old").touch()
    if how == "renamed":
        board_dir.rename(board_dir.with_name("former"))
    else:
        shutil.rmtree(board_dir)
    board_dir.mkdir()
    (board_dir / "new").touch()
    session.reset()
    assert repl.typed(session.client, "import os; os.listdir()") == b"['new']\r\n"
    wait_until_gone(spare)


def wait_until_a_second_old(pid):
    """So that its end is not one of those that come at once."""
    wait_until(lambda: processes.age(pid) > 1.2, "it has lived for a while")


def replace_spare(bridge, spare):
    """End a spare that has lived for a while, and wait for the next one."""
    wait_until_a_second_old(spare)
    os.kill(spare, signal.SIGKILL)
    wait_until_gone(spare)
    return bridge.wait_for_spares()


@every_mode
def test_spare_that_was_killed_is_replaced(session):
    bridge = session.bridge
    board, [spare] = bridge.board_pid(), bridge.wait_for_spares()
    [another] = replace_spare(bridge, spare)
    assert bridge.board_pid() == board
    session.nothing_more()
    session.reset()
    assert bridge.board_pid() == another
    session.nothing_more()


def test_spares_killed_one_after_another_are_replaced_later_and_later(session):
    bridge = session.bridge
    gaps = []
    for _ in range(6):
        [spare] = wait_until(bridge.spares, "there is a spare")
        os.kill(spare, signal.SIGKILL)
        wait_until_gone(spare)
        killed = time.monotonic()
        wait_until(bridge.spares, "there is another one")
        gaps.append(time.monotonic() - killed)
    assert max(gaps[3:]) > max(0.2, gaps[0]), gaps
    session.nothing_more()
    session.reset()
    session.nothing_more()


def test_spares_that_end_at_once_are_not_started_in_a_loop(start_bridge, board_dir, tmp_path):
    starts = board_dir / "starts"
    broken = '[ "$(wc -l <starts)" -eq 1 ] || [ -e healed ] || exit 3'
    bridge = start_bridge("-v", board=shell_script(tmp_path / "once", "date +%s.%N >>starts", broken))
    session = Session(bridge, "socket")
    wait_until(lambda: starts.read_text().count("\n") >= 7, "spares are started again and again")
    times = [float(line) for line in starts.read_text().split()]
    gaps = [later - earlier for earlier, later in zip(times[1:], times[2:])]
    assert gaps[-1] > gaps[0] and gaps[-1] > 0.2, gaps
    session.nothing_more()
    (board_dir / "healed").touch()
    session.reset()
    bridge.wait_for_spares()
    session.reset()
    session.nothing_more()


def test_board_and_spare_killed_at_the_same_time_are_one_crash(session):
    bridge = session.bridge
    doomed = [bridge.board_pid(), *bridge.wait_for_spares()]
    for pid in doomed:
        wait_until_a_second_old(pid)
    bridge.signal(signal.SIGSTOP)
    try:
        wait_until(lambda: processes.state(bridge.pid) == "T", "the bridge is stopped")
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
            wait_until_ended(pid)
    finally:
        bridge.signal(signal.SIGCONT)
    next_bytes(session.client, b"MPY: crashed (SIGKILL)\r\n" + REBOOT + session.banner)
    session.nothing_more()
    bridge.wait_for_spares()


# -- a spare that has not come to its prompt


class SlowStarts:
    """A MicroPython that starts at once only the first time, and after that when the gate is open."""

    def __init__(self, folder, board_dir, *first_lines):
        self._gate = folder / "gate"
        self._starts = board_dir / "starts"
        self._held = []
        os.mkfifo(self._gate)
        wait = f'[ "$(wc -l <starts)" -eq 1 ] || : <{shlex.quote(str(self._gate))}'
        self.path = shell_script(folder / "slow", *first_lines, "echo $$ >>starts", wait)

    def open_gate(self):
        self._held.append(os.open(self._gate, os.O_RDWR))

    def close(self):
        for descriptor in self._held:
            os.close(descriptor)

    def pids(self):
        return [int(line) for line in self._starts.read_text().split()] if self._starts.exists() else []

    def wait_for_start(self, count):
        wait_until(lambda: len(self.pids()) >= count, f"it is started {count} times")
        return self.pids()[count - 1]


@pytest.fixture
def slow(tmp_path, board_dir):
    slow = SlowStarts(tmp_path, board_dir)
    yield slow
    slow.close()


@every_mode
def test_spare_that_is_still_starting_is_used_as_it_is(start_bridge, slow, mode):
    bridge = start_bridge("-v", board=slow.path)
    session = Session(bridge, KINDS[mode], mode)
    starting = slow.wait_for_start(2)
    session.client.send(RESET + session.command)
    wait_until(lambda: bridge.board_pid() == starting, "the spare has become the board")
    slow.open_gate()
    next_bytes(session.client, session.reset_text + session.answer)
    assert bridge.board_pid() == starting
    session.reset()
    session.nothing_more()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_spare_that_is_still_starting_ends_with_the_bridge(start_bridge, slow, number):
    bridge = start_bridge("-v", board=slow.path)
    starting = slow.wait_for_start(2)
    bridge.signal(number)
    assert bridge.wait() == (0 if number == signal.SIGTERM else -number)
    wait_until_ended(starting)


# -- around it


def test_spares_have_their_own_terminals_and_nothing_else(start_bridge):
    """Also the clients of the moment, and what the bridge itself was started with, stay outside."""
    ends = [*os.pipe(), socket.socket().detach()]
    for end in ends:
        os.set_inheritable(end, True)
    bridge = start_bridge("-v", "--standby", 3, pass_fds=ends)
    for end in ends:
        os.close(end)
    Session(bridge, "socket")
    pids = [bridge.board_pid(), *bridge.wait_for_spares(3)]
    terminals = [os.readlink(f"/proc/{pid}/fd/0") for pid in pids]
    assert len(set(terminals)) == len(pids) and all(name.startswith("/dev/pts/") for name in terminals)
    for pid, terminal in zip(pids, terminals):
        assert processes.open_files(pid) == dict.fromkeys(range(3), terminal)
        _, parent, group, session_id, number, foreground = processes.stat_fields(pid)[:6]
        assert (parent, group, session_id, foreground) == (str(bridge.pid), str(pid), str(pid), str(pid))
        assert number != "0"
        assert processes.status(pid, "SigBlk") == processes.status(pids[0], "SigBlk")
        assert processes.status(pid, "SigIgn") == processes.status(pids[0], "SigIgn")


def test_program_that_kills_its_process_group_does_not_meet_the_spare(session):
    [spare] = session.bridge.wait_for_spares()
    session.client.send(b"import os; x = os.system('kill -KILL 0')\r")
    session.client.read_until(REBOOT)
    next_bytes(session.client, session.banner)
    assert session.bridge.board_pid() == spare
    session.nothing_more()


# -- the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_signal_ends_the_spares_too(start_bridge, number):
    bridge = start_bridge("-v", "--standby", 3)
    spares = bridge.wait_for_spares(3)
    bridge.signal(number)
    assert bridge.wait() == 0
    assert all(map(is_gone, spares))


@pytest.mark.parametrize("taken_over", [False, True], ids=["first-board", "former-spare"])
def test_kill_of_the_bridge_takes_the_spares_with_it(start_bridge, taken_over):
    bridge = start_bridge("-v", "--standby", 3)
    session = Session(bridge, "socket")
    bridge.wait_for_spares(3)
    if taken_over:
        session.reset()
    doomed = [bridge.board_pid(), *bridge.wait_for_spares(3)]
    bridge.process.kill()
    bridge.wait()
    for pid in doomed:
        wait_until_ended(pid)


def test_spares_that_ignore_sigterm_are_killed(start_bridge, tmp_path):
    bridge = start_bridge("-v", "--standby", 2, board=shell_script(tmp_path / "stubborn", "trap '' TERM"))
    spares = bridge.wait_for_spares(2)
    bridge.signal(signal.SIGTERM)
    assert bridge.wait(15) == 0
    assert all(map(is_gone, spares))


def test_shutdown_during_resets_leaves_nothing_behind(start_bridge):
    for resets in range(1, 6):
        bridge = start_bridge("-v", "--standby", 2)
        session = Session(bridge, "socket")
        session.client.send(RESET * 50)
        for _ in range(resets):
            next_bytes(session.client, session.reset_text)
        bridge.signal(signal.SIGTERM)
        assert bridge.wait(15) == 0
        assert processes.marked(bridge.marker) == []


# -- the option


@pytest.mark.parametrize("value", ["-1", "17", "1.5", "many", ""])
def test_bad_number_of_spares_is_a_usage_error(value):
    port, socket_port = free_ports(2)
    result = run_once("-H", LOCALHOST, "-p", port, "-s", socket_port, f"--standby={value}", INTERPRETER)
    assert result.returncode == 2
    assert "--standby" in result.stderr


def test_help_tells_of_spares_and_their_default():
    assert re.search(r"--standby N.*=1\b", run_once("--help").stdout)
