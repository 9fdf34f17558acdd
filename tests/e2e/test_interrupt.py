"""Ctrl-C interrupts a running program and is data where Ctrl-C is switched off."""

import random
import time

import pytest
from support import processes, repl
from support.bridge import program
from support.repl import INTERRUPT, MODES, FriendlyMode, RawMode
from support.waiting import wait_until

every_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)

# Each program says "going" first; the text does not occur in its own source, which the friendly REPL echoes.
GOING = "import sys, time\nprint('go' + 'ing')\n"
PROGRAMS = {
    "loop": "while True: pass",
    "sleep": "time.sleep(100)",
    "readline": "sys.stdin.readline()",
    "input": "input()",
    "input-with-prompt": "input('name? ')",
    "read": "sys.stdin.read(1)",
    "read-binary": "sys.stdin.buffer.read(1)",
    "nested-try": "while True:\n try:\n  pass\n finally:\n  pass",
    "recursion": "def f(n):\n while n: f(n - 1)\nf(3)\nf(20)\nwhile True: f(0)",
}


@pytest.fixture
def client(start_bridge, kind):
    bridge = start_bridge("-v", "-X", "heapsize=16M")
    client = bridge.connect(kind)
    if kind == "rfc2217":
        client.agree_com_port()
    client.bridge = bridge
    repl.banner(client)
    repl.typed(client, "kept = 41")
    return client


def ends_in_keyboard_interrupt(client, mode):
    _, error = mode.finish(client)
    assert b"KeyboardInterrupt" in error


def answers_with_state_kept(client, mode):
    assert repl.run(client, mode, "print(kept + 1)").strip() == b"42"
    assert "soft reboot" not in client.bridge.log_text()


@every_mode
@pytest.mark.parametrize("name", PROGRAMS)
def test_running_program_is_interrupted(client, mode, name):
    mode.enter(client)
    for _ in range(3):
        mode.start(client, GOING + PROGRAMS[name])
        client.read_until(b"going")
        client.send(INTERRUPT)
        ends_in_keyboard_interrupt(client, mode)
        answers_with_state_kept(client, mode)


@every_mode
def test_flood_is_interrupted_while_the_client_does_not_read(client, mode):
    mode.enter(client)
    mode.start(client, GOING + "while True: print('x' * 1000)")
    client.read_until(b"going")
    wait_until_output_is_stuck(client)
    client.send(INTERRUPT)
    ends_in_keyboard_interrupt(client, mode)
    answers_with_state_kept(client, mode)


def wait_until_output_is_stuck(client):
    """The client reads nothing; in the end bridge and board sleep, every buffer on the way being full."""
    client.bridge.wait_until_idle()


@every_mode
def test_flood_is_interrupted_while_the_client_reads(client, mode):
    mode.enter(client)
    for _ in range(3):
        mode.start(client, GOING + "while True: print('x' * 1000)")
        client.read_until(b"going")
        client.read_exact(300_000)
        client.send(INTERRUPT)
        ends_in_keyboard_interrupt(client, mode)
    answers_with_state_kept(client, mode)


# Lines of comment: whatever part of them is left over when the program ends does no harm at a prompt.
COMMENT = b"#" * 63
MIB = 1 << 20


def test_interrupt_overtakes_a_mebibyte_of_input_in_the_friendly_repl(client):
    FriendlyMode.enter(client)
    FriendlyMode.start(client, GOING + "while True: pass")
    client.read_until(b"going")
    client.send((COMMENT + b"\n") * (MIB // 64))
    client.send(INTERRUPT)
    client.read_until(b"KeyboardInterrupt")
    client.send(b"print('af' + 'ter', kept + 1)\r")
    client.read_until(b"after 42\r\n>>> ", deadline=90)


@pytest.mark.parametrize("mode", MODES[1:], ids=lambda mode: mode.name)
def test_interrupt_overtakes_a_mebibyte_of_input_in_the_raw_repl(client, mode):
    mode.enter(client)
    mode.start(client, GOING + "while True: pass")
    client.read_until(b"going")
    # Commands of their own for the raw REPL, none of them empty: an empty one would be a reset.
    client.send((COMMENT + b"\x04") * (MIB // 64))
    client.send(INTERRUPT)
    client.read_until(b"KeyboardInterrupt")
    client.send(b"print('af' + 'ter', kept + 1)\x04")
    client.read_until(b"after 42\n\x04\x04>", deadline=90)


def test_interrupt_overtakes_waiting_input_of_a_sleeping_program(client):
    FriendlyMode.enter(client)
    FriendlyMode.start(client, GOING + "time.sleep(1000)")
    client.read_until(b"going")
    client.send(b"waiting = 1\r" + INTERRUPT)
    client.read_until(b"KeyboardInterrupt")
    client.read_until(b">>> waiting = 1\r\n>>> ")
    assert repl.typed(client, "kept + waiting") == b"42\r\n"


# -- repeated interrupts


@every_mode
def test_a_hundred_interrupts_in_a_row(client, mode):
    mode.enter(client)
    for _ in range(100):
        mode.start(client, GOING + "while True: pass")
        client.read_until(b"going")
        client.send(INTERRUPT)
        ends_in_keyboard_interrupt(client, mode)
    answers_with_state_kept(client, mode)


def test_two_interrupts_in_one_chunk_are_one(client):
    FriendlyMode.enter(client)
    for _ in range(20):
        FriendlyMode.start(client, GOING + "while True: pass")
        client.read_until(b"going")
        client.send(INTERRUPT * 2)
        ends_in_keyboard_interrupt(client, FriendlyMode)
        # A second one would clear the line being typed and show one more prompt.
        client.send(b"print(kept + 1)\r")
        assert client.read_until(b"42\r\n>>> ") == b"print(kept + 1)\r\n42\r\n>>> "


def test_two_interrupts_in_one_chunk_are_one_for_a_program_that_catches_it(client):
    counting = (
        "caught = 0\nfor _ in range(2):\n try:\n  print('go' + 'ing')\n  time.sleep(2)\n"
        " except KeyboardInterrupt: caught += 1\nprint('caught', caught)"
    )
    RawMode.enter(client)
    RawMode.start(client, "import time\n" + counting)
    client.read_until(b"going")
    client.send(INTERRUPT * 2)
    client.read_until(b"caught 1\n")


@every_mode
def test_a_storm_of_interrupts_does_not_end_the_board(client, mode):
    mode.enter(client)
    for _ in range(10):
        mode.start(client, GOING + "while True: pass")
        client.read_until(b"going")
        for _ in range(20):
            client.send(INTERRUPT)
        ends_in_keyboard_interrupt(client, mode)
    # What the storm left behind is over once the board answers a command of its own.
    client.send(b"\r" + repl.FRIENDLY)
    client.read_until(b"MicroPython ")
    client.read_until(b">>> ")
    client.send(b"print('af' + 'ter', kept + 1)\r")
    client.read_until(b"after 42\r\n>>> ")
    assert "soft reboot" not in client.bridge.log_text()


def test_interrupt_at_the_prompt_clears_the_line(client):
    client.send(b"garbage")
    client.read_until(b"garbage")
    client.send(INTERRUPT)
    assert client.read_until(b">>> ") == b"\r\n>>> "
    answers_with_state_kept(client, FriendlyMode)


def test_interrupt_at_the_raw_prompt_clears_the_command(client):
    RawMode.enter(client)
    client.send(b"garbage(" + INTERRUPT)
    answers_with_state_kept(client, RawMode)


def test_interrupt_reaches_a_program_left_running_by_another_client(client, kind):
    FriendlyMode.start(client, GOING + "while True: pass")
    client.read_until(b"going")
    client.close()
    heir = client.bridge.connect(kind)
    heir.send(INTERRUPT)
    heir.read_until(b"KeyboardInterrupt")
    heir.read_until(b">>> ")
    assert repl.typed(heir, "kept") == b"41\r\n"


def test_interrupt_works_after_a_soft_reset(client):
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)
    FriendlyMode.start(client, GOING + "while True: pass")
    client.read_until(b"going")
    client.send(INTERRUPT)
    ends_in_keyboard_interrupt(client, FriendlyMode)


# -- 0x03 as data

READ_256 = (
    "import sys, micropython\nmicropython.kbd_intr(-1)\nprint('go' + 'ing')\ndata = sys.stdin.buffer.read(256)\n"
    "micropython.kbd_intr(3)\nprint(data == bytes(range(256)))"
)


@every_mode
@pytest.mark.parametrize("size", [256, 1, 7], ids=["in-one-write", "byte-by-byte", "in-sevens"])
def test_all_values_arrive_while_the_interrupt_is_off(client, mode, size):
    mode.enter(client)
    mode.start(client, READ_256)
    client.read_until(b"going")
    data = bytes(range(256))
    for at in range(0, 256, size):
        client.send(data[at : at + size])
    output, error = mode.finish(client)
    assert (output.strip(), error) == (b"True", b"")
    answers_with_state_kept(client, mode)


def test_switching_the_interrupt_off_and_on_never_ends_the_board(client):
    """0x03 keeps coming while a program toggles it: each one is data or an interrupt, none is fatal."""
    RawMode.enter(client)
    code = (
        "import micropython\nprint('go' + 'ing')\nrounds = 0\nwhile rounds < 300000:\n try:\n"
        "  while rounds < 300000:\n   micropython.kbd_intr(-1)\n   rounds += 1\n   micropython.kbd_intr(3)\n"
        " except KeyboardInterrupt: pass\n"
    )
    RawMode.start(client, code)
    client.read_until(b"going")
    for _ in range(200):
        client.send(INTERRUPT)
        # Not in one chunk with the next one, and at ever other points of the loop.
        time.sleep(0.001 * random.random())
    RawMode.finish(client)
    answers_with_state_kept(client, RawMode)


def test_other_programs_get_0x03_as_data(start_bridge, kind):
    client = start_bridge(board=program("echo_bytes")).connect(kind)
    client.send(b"a" + INTERRUPT + b"b" + INTERRUPT * 2 + b"c")
    assert client.read_until(b"c") == b"a\x03b\x03\x03c"


# -- --interrupt

SCRIPT = """
import sys
try:
    print('go' + 'ing')
    while True: pass
except KeyboardInterrupt:
    print('interrupted')
sys.stdin.readline()
"""


def start_script(start_bridge, board_dir, *options):
    (board_dir / "main_script.py").write_text(SCRIPT)
    bridge = start_bridge("-v", "--micropython-args=main_script.py", *options)
    client = bridge.connect_raw()
    client.read_until(b"going")
    return client


def test_always_interrupts_a_script_without_a_repl(start_bridge, board_dir):
    client = start_script(start_bridge, board_dir, "--interrupt=always")
    client.send(INTERRUPT)
    client.read_until(b"interrupted")


def test_auto_leaves_a_script_without_a_repl_alone(start_bridge, board_dir):
    client = start_script(start_bridge, board_dir, "--interrupt", "auto")
    client.send(INTERRUPT)
    client.collect(1.0)
    assert client.buffer.strip() == b""


def test_never_makes_0x03_data(start_bridge):
    client = start_bridge("--interrupt=never").connect_raw()
    repl.banner(client)
    FriendlyMode.start(client, GOING + "print(sys.stdin.buffer.read(3))")
    client.read_until(b"going")
    client.send(b"a\x03b")
    client.read_until(b"b'a\\x03b'")


def test_never_leaves_a_loop_running(start_bridge):
    client = start_bridge("--interrupt", "never").connect_raw()
    repl.banner(client)
    FriendlyMode.start(client, GOING + "while True: pass")
    client.read_until(b"going\r\n")
    client.send(INTERRUPT)
    client.collect(1.0)
    assert client.buffer == b""


def test_auto_is_the_default_and_can_be_named(start_bridge):
    client = start_bridge("--interrupt=auto").connect_raw()
    repl.banner(client)
    FriendlyMode.start(client, GOING + "while True: pass")
    client.read_until(b"going")
    client.send(INTERRUPT)
    ends_in_keyboard_interrupt(client, FriendlyMode)


def test_board_is_never_left_stopped(client):
    """The bridge stops the process for a moment to decide; it must run on afterwards."""
    pid = repl.board_pid(client)
    for _ in range(20):
        FriendlyMode.start(client, GOING + "while True: pass")
        client.read_until(b"going")
        client.send(INTERRUPT)
        ends_in_keyboard_interrupt(client, FriendlyMode)
    wait_until(lambda: processes.state(pid) in ("S", "R"), "the board is not stopped")
