"""RFC 2217 row by row, by a client of our own that sees every byte of the negotiation."""

import random
import time

import pytest
from support import processes, repl
from support.bridge import program
from support.telnet import (
    AO, AYT, BAUDRATE, BINARY, BRK, CD, COM_PORT, CONTROL, CTS, DATASIZE, DM, DO, DONT, DSR, EC, ECHO, EL, GA, IAC,
    LINEMODE, LINESTATE_MASK, MODEMSTATE, MODEMSTATE_MASK, NEW_ENVIRON, NOP, PARITY, PURGE, RESUME, RI, SE, SGA,
    SIGNATURE, STATUS, STOPSIZE, SUSPEND, TERMINAL_TYPE, TIMING_MARK, WILL, WINDOW_SIZE, WONT, command, escape,
    subnegotiation,
)  # fmt: skip
from support.waiting import wait_until


@pytest.fixture
def client(bridge):
    """A client that has agreed on nothing yet."""
    return connect(bridge)


def connect(bridge):
    client = bridge.connect_rfc()
    client.bridge = bridge
    return client


@pytest.fixture
def com_port(client):
    """A client that has agreed on COM-PORT-OPTION and BINARY, past the banner."""
    client.agree_com_port()
    repl.banner(client)
    return client


def echo_client(start_bridge, *options):
    return connect(start_bridge("-vv", *options, board=program("echo_bytes")))


def echoed(client, raw, until=b"."):
    """Send wire bytes that end in a full stop and read the board's echo."""
    client.send_wire(raw + until)
    return client.read_until(until)[: -len(until)]


def answers(client, option):
    """What the bridge has said about an option up to now; the negotiation is over when data comes back."""
    client.send(b"\r")
    client.read_until(b">>> ")
    return [verb for verb, what in client.events if verb in (WILL, WONT, DO, DONT) and what == option]


# -- negotiation


@pytest.mark.parametrize(
    "offer, option, answer",
    [
        (WILL, BINARY, DO),
        (DO, BINARY, WILL),
        (WILL, SGA, DO),
        (DO, SGA, WILL),
        (DO, ECHO, WILL),
        (WILL, COM_PORT, DO),
        (DO, COM_PORT, WILL),
    ],
)
def test_supported_option_is_agreed_exactly_once(client, offer, option, answer):
    repl.banner(client)
    client.offer(offer, option)
    client.wait_event((answer, option))
    assert answers(client, option).count(answer) == 1


def test_echo_of_the_client_is_refused(client):
    repl.banner(client)
    client.offer(WILL, ECHO)
    client.wait_event((DONT, ECHO))


OTHER_OPTIONS = [STATUS, TIMING_MARK, LINEMODE, NEW_ENVIRON, 2, 32, 33, 35, 37, 38, 46, 200, 254, 255]


@pytest.mark.parametrize("option", OTHER_OPTIONS)
def test_every_other_option_is_refused(client, option):
    repl.banner(client)
    client.offer(WILL, option)
    client.offer(DO, option)
    assert answers(client, option) == [DONT, WONT]


@pytest.mark.parametrize("option", [TERMINAL_TYPE, WINDOW_SIZE])
def test_terminal_type_and_window_size_get_one_answer_and_do_no_harm(client, option):
    repl.banner(client)
    client.offer(WILL, option)
    client.send_wire(subnegotiation(bytes([option, 0]) + b"xterm"))
    client.send_wire(subnegotiation(bytes([option, 0, 80, 0, 255])))
    said = answers(client, option)
    assert said in ([DONT], [DO]), said
    client.offer(DO, option)
    assert answers(client, option)[1:] == [WONT]
    assert repl.typed(client, "6*7") == b"42\r\n"


def test_agreed_options_are_not_answered_again(client):
    repl.banner(client)
    client.agree_com_port()
    client.offer(DO, COM_PORT)
    client.wait_event((WILL, COM_PORT))
    start = len(client.events)
    for _ in range(50):
        for verb in (WILL, DO):
            for option in (BINARY, COM_PORT):
                client.offer(verb, option)
    client.sync()
    assert [event for event in client.events[start:] if event[0] in (WILL, WONT, DO, DONT)] == []


def test_switching_off_what_is_off_gets_no_answer(client):
    repl.banner(client)
    answers(client, BINARY)
    for option in (99, TIMING_MARK, LINEMODE):
        client.offer(WONT, option)
        client.offer(DONT, option)
        assert answers(client, option) == []


def test_refusal_of_everything_is_answered_without_loops(client):
    repl.banner(client)
    for _ in range(3):
        for option in (BINARY, ECHO, SGA, COM_PORT):
            client.offer(DONT, option)
            client.offer(WONT, option)
    repl.typed(client, "1")
    verbs = [event for event in client.events if event[0] in (WILL, WONT, DO, DONT)]
    assert len(verbs) == len(set(verbs)), verbs


def test_option_can_be_switched_off_and_on_again(client):
    repl.banner(client)
    for _ in range(5):
        start = len(client.events)
        client.offer(WILL, BINARY)
        client.offer(DO, BINARY)
        repl.typed(client, "1")
        client.offer(WONT, BINARY)
        client.wait_event((DONT, BINARY), start)
        client.offer(DONT, BINARY)
        client.wait_event((WONT, BINARY), start)
    assert repl.typed(client, "6*7") == b"42\r\n"


def test_either_side_may_offer_the_com_port_option(start_bridge):
    for verb, answer in ((WILL, DO), (DO, WILL)):
        client = echo_client(start_bridge)
        client.offer(verb, COM_PORT)
        client.wait_event((answer, COM_PORT))
        assert client.ask(BAUDRATE, (9600).to_bytes(4, "big")) == (9600).to_bytes(4, "big")


def test_client_that_says_dont_but_offers_will_is_served(client):
    client.offer(DONT, COM_PORT)
    client.offer(WILL, COM_PORT)
    client.wait_event((DO, COM_PORT))
    assert client.ask(BAUDRATE, (9600).to_bytes(4, "big")) == (9600).to_bytes(4, "big")
    client.wait_modem_state(lambda state: state & CD)


def test_client_that_refuses_binary_is_served(client):
    client.offer(WILL, COM_PORT)
    client.offer(DONT, BINARY)
    client.offer(WONT, BINARY)
    repl.banner(client)
    assert client.ask(BAUDRATE, (9600).to_bytes(4, "big")) == (9600).to_bytes(4, "big")
    client.send(b"6*7\r\0")
    assert client.read_until(b"42\r\n>>> ") == b"6*7\r\n42\r\n>>> "


# -- data

ALL = bytes(range(256))


def test_all_values_pass_in_both_directions(start_bridge):
    client = echo_client(start_bridge).agree_binary()
    client.send(ALL)
    assert client.read_exact(256) == ALL


def test_iac_is_doubled_on_the_wire(start_bridge):
    client = echo_client(start_bridge).agree_binary()
    start = len(client.wire)
    client.send(b"\xff\xff.")
    client.read_until(b".")
    assert client.wire[start:] == b"\xff\xff\xff\xff."


def test_all_values_pass_byte_by_byte(start_bridge):
    client = echo_client(start_bridge).agree_binary()
    for byte in escape(ALL):
        client.send_wire(bytes([byte]))
    assert client.read_exact(256) == ALL


def test_commands_split_anywhere_are_understood(start_bridge):
    client = echo_client(start_bridge).agree_com_port()
    setting = subnegotiation(bytes([COM_PORT, BAUDRATE, 0, 0, 255, 1]))
    wire = b"a\xff\xff" + command(NOP) + setting + b"b" + command(DO, 99)
    for cut in range(1, len(wire)):
        start = len(client.events)
        client.send_wire(wire[:cut])
        client.send_wire(wire[cut:])
        assert client.read_until(b"b") == b"a\xffb"
        client.wait_event(("sb", bytes([COM_PORT, 101, 0, 0, 255, 1])), start)
        client.wait_event((WONT, 99), start)


@pytest.mark.parametrize(
    "wire, data",
    [
        (b"a\r\0b", b"a\rb"),
        (b"a\r\nb", b"a\rb"),
        (b"a\rb", b"a\rb"),
        (b"a\nb", b"a\nb"),
        (b"\r\r\0\r\n\n", b"\r\r\r\n"),
        (b"a\0b", b"a\0b"),
    ],
)
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_line_ends_before_binary(start_bridge, wire, data, split):
    client = echo_client(start_bridge)
    for at in range(len(wire)) if split else ():
        client.send_wire(wire[at : at + 1])
    assert echoed(client, b"" if split else wire).replace(b"\r\0", b"\r") == data


@pytest.mark.parametrize("wire", [b"a\r\0b", b"a\r\nb", b"\r\r\0\r\n\n"])
def test_line_ends_in_binary_are_data(start_bridge, wire):
    assert echoed(echo_client(start_bridge).agree_binary(), wire) == wire


def test_carriage_return_at_the_end_is_not_held_back(client):
    repl.banner(client)
    client.send_wire(b"6*7\r")
    client.read_until(b"42\r\n>>> ")


# -- telnet commands


def test_interrupt_process_is_ctrl_c(client):
    repl.banner(client)
    repl.FriendlyMode.start(client, "print('go' + 'ing')\nwhile True: pass")
    client.read_until(b"going")
    client.send_wire(command(244))
    client.read_until(b"KeyboardInterrupt")
    client.read_until(b">>> ")


def test_end_of_file_is_ctrl_d(client):
    repl.banner(client)
    client.send_wire(command(236))
    client.read_until(repl.REBOOT)
    repl.banner(client)


def test_are_you_there_is_answered(client):
    repl.banner(client)
    client.send_wire(command(AYT))
    client.receive_some()
    assert client.buffer.strip()


@pytest.mark.parametrize("code", [NOP, DM, EC, EL, GA, SE, 239, 238, 237, 200, 0, 65])
def test_other_commands_are_no_data(start_bridge, code):
    client = echo_client(start_bridge)
    assert echoed(client, b"a" + command(code) + b"b") == b"ab"


def test_abort_output_drops_what_has_not_been_sent_and_nothing_after_it(start_bridge):
    client = echo_client(start_bridge)
    assert echoed(client, b"a" + command(AO) + b"b") in (b"ab", b"b")


# -- settings


def number(value, size=1):
    return value.to_bytes(size, "big")


@pytest.mark.parametrize(
    "code, size, values",
    [
        (BAUDRATE, 4, [300, 9600, 115200, 921600, 0xFF, 0xFF00FF, 4000000]),
        (DATASIZE, 1, [5, 6, 7, 8]),
        (PARITY, 1, [1, 2, 3, 4, 5]),
        (STOPSIZE, 1, [1, 2, 3]),
    ],
)
def test_setting_is_stored_echoed_and_told_when_asked(com_port, code, size, values):
    for value in values:
        assert com_port.ask(code, number(value, size)) == number(value, size)
        assert com_port.ask(code, number(0, size)) == number(value, size)


@pytest.mark.parametrize("code, size", [(BAUDRATE, 4), (DATASIZE, 1), (PARITY, 1), (STOPSIZE, 1)])
def test_setting_has_a_value_from_the_start(com_port, code, size):
    value = com_port.ask(code, number(0, size))
    assert len(value) == size and any(value)


@pytest.mark.parametrize(
    "code, valid, invalid", [(DATASIZE, 7, [1, 4, 9, 255]), (PARITY, 3, [6, 9, 255]), (STOPSIZE, 2, [4, 9, 255])]
)
def test_invalid_value_answers_the_value_in_force(com_port, code, valid, invalid):
    com_port.ask(code, number(valid))
    for value in invalid:
        assert com_port.ask(code, number(value)) == number(valid)
    assert com_port.ask(code, number(0)) == number(valid)


CONTROL_GROUPS = [
    # query, values that can be set: flow control (outbound or both), break, DTR, RTS, flow control (inbound)
    (0, [1, 2, 3, 17, 19]),
    (4, [5, 6]),
    (7, [8, 9]),
    (10, [11, 12]),
    (13, [14, 15, 16, 18]),
]


@pytest.mark.parametrize("query, values", CONTROL_GROUPS)
def test_control_is_stored_echoed_and_told_when_asked(com_port, query, values):
    for value in [*values, *reversed(values)]:
        assert com_port.ask(CONTROL, number(value)) == number(value)
        assert com_port.ask(CONTROL, number(query)) == number(value)


@pytest.mark.parametrize("query, values", CONTROL_GROUPS)
def test_control_has_a_state_from_the_start(com_port, query, values):
    assert com_port.ask(CONTROL, number(query))[0] in values


def test_controls_do_not_disturb_each_other(com_port):
    for _, values in CONTROL_GROUPS[1:4]:
        com_port.ask(CONTROL, number(values[0]))
    com_port.ask(CONTROL, number(3))
    com_port.ask(CONTROL, number(16))
    assert [com_port.ask(CONTROL, number(query))[0] for query in (4, 7, 10, 0, 13)] == [5, 8, 11, 3, 16]


@pytest.mark.parametrize("code", [LINESTATE_MASK, MODEMSTATE_MASK])
@pytest.mark.parametrize("mask", [0, 1, 16, 128, 255])
def test_mask_is_acknowledged(com_port, code, mask):
    assert com_port.ask(code, number(mask)) == number(mask)


# -- modem state


def lines_on(state):
    return state & (CTS | DSR | CD | RI)


def test_modem_state_is_sent_when_the_option_is_agreed(client):
    client.offer(WILL, COM_PORT)
    assert lines_on(client.wait_modem_state(lambda state: True)) == CTS | DSR | CD


def test_modem_state_is_sent_when_asked(com_port):
    com_port.sync()
    for _ in range(3):
        state = com_port.ask(MODEMSTATE)
        assert lines_on(state[0]) == CTS | DSR | CD


def test_modem_state_tells_of_a_restart(com_port):
    com_port.sync()
    for _ in range(3):
        start = len(com_port.events)
        com_port.send(repl.RESET)
        com_port.wait_modem_state(lambda state: not state & CD, start)
        com_port.wait_modem_state(lambda state: state & CD, start)
        repl.banner(com_port)
        com_port.sync()
        assert [bool(state & CD) for state in com_port.modem_states(start)] == [False, True]


@pytest.mark.parametrize("mask, told", [(0, False), (CTS | DSR, False), (CD, True), (255, True)])
def test_modem_state_mask_decides_which_changes_are_told(com_port, mask, told):
    com_port.ask(MODEMSTATE_MASK, number(mask))
    start = len(com_port.events)
    com_port.send(repl.RESET)
    com_port.read_until(repl.REBOOT)
    repl.banner(com_port)
    com_port.sync()
    assert bool(com_port.modem_states(start)) == told


def test_modem_state_is_never_sent_by_a_timer(com_port):
    com_port.sync()
    start = len(com_port.events)
    com_port.collect(3.0)
    assert com_port.events[start:] == []


def test_plain_telnet_client_gets_no_modem_state(client):
    repl.banner(client)
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    repl.banner(client)
    assert client.modem_states() == []


# -- flow control by command


def test_suspended_output_stops_and_resumes(com_port):
    ran = com_port.bridge.cwd / "ran"
    com_port.tell(SUSPEND)
    com_port.sync()
    com_port.send(b"print('sus' + 'pended'); open('ran', 'w').close()\r")
    wait_until(ran.exists, "the program has run")
    com_port.bridge.wait_until_idle()
    com_port.sync()
    assert com_port.buffer == b""
    com_port.tell(RESUME)
    com_port.read_until(b"suspended\r\n>>> ")


def test_suspended_flood_loses_nothing_and_costs_no_memory(start_bridge, board_dir):
    size = 5_000_000
    (board_dir / "size").write_text(str(size))
    client = connect(start_bridge("-v", board=program("gush"))).agree_com_port()
    client.tell(SUSPEND)
    client.send(b".")
    client.sync()
    client.bridge.wait_until_idle()
    client.sync()
    assert client.buffer == b"" and not (board_dir / "done").exists()
    assert processes.peak_memory_mib(client.bridge.pid) < 64
    client.tell(RESUME)
    source = random.Random(2217)
    assert client.read_exact(size) == b"".join(source.randbytes(min(65536, size - at)) for at in range(0, size, 65536))


def test_suspension_in_the_middle_of_a_flood(start_bridge, board_dir):
    (board_dir / "size").write_text("2000000")
    client = connect(start_bridge("-v", board=program("gush"))).agree_com_port()
    client.send(b".")
    for _ in range(5):
        client.tell(SUSPEND)
        client.sync()
        held = len(client.buffer)
        client.bridge.wait_until_idle()
        client.sync()
        assert len(client.buffer) == held
        client.tell(RESUME)
        client.fill(min(held + 10000, 2000000))
    client.read_exact(2000000)


def test_suspension_ends_with_the_client(bridge):
    client = connect(bridge).agree_com_port()
    repl.banner(client)
    client.tell(SUSPEND)
    client.sync()
    client.close()
    heir = connect(bridge)
    assert repl.typed(heir, "6*7") == b"42\r\n"


def test_interrupt_is_seen_while_output_is_suspended(com_port):
    repl.FriendlyMode.start(com_port, "print('go' + 'ing')\nwhile True: print('x' * 1000)")
    com_port.read_until(b"going")
    com_port.tell(SUSPEND)
    com_port.sync()
    com_port.bridge.wait_until_idle()
    com_port.send(repl.INTERRUPT)
    com_port.sync()
    com_port.tell(RESUME)
    com_port.read_until(b"KeyboardInterrupt")


# -- purge


@pytest.mark.parametrize("what", [1, 2, 3])
def test_purge_is_answered(com_port, what):
    assert com_port.ask(PURGE, number(what)) == number(what)
    assert repl.typed(com_port, "6*7") == b"42\r\n"


@pytest.mark.parametrize("what, dropped", [(1, True), (2, False), (3, True)])
def test_purge_of_output_not_yet_sent(start_bridge, what, dropped):
    client = echo_client(start_bridge).agree_com_port()
    client.tell(SUSPEND)
    client.send(b"o" * 3000)
    client.sync()
    client.bridge.wait_until_idle()
    assert client.ask(PURGE, number(what)) == number(what)
    client.tell(RESUME)
    client.send(b"after.")
    assert client.read_until(b".") == (b"" if dropped else b"o" * 3000) + b"after."


@pytest.mark.parametrize("size", [10, 3000, 100_000])
@pytest.mark.parametrize("what, dropped", [(1, False), (2, True), (3, True)])
def test_purge_of_input_not_yet_read_by_the_board(start_bridge, board_dir, what, dropped, size):
    (board_dir / "hold").touch()
    client = connect(start_bridge("-v", board=program("record"))).agree_com_port()
    client.read_until(b"ready\n")
    client.send(b"i" * size)
    client.sync()
    client.bridge.wait_until_idle()
    assert client.ask(PURGE, number(what)) == number(what)
    client.send(b"after.")
    (board_dir / "hold").unlink()
    path = board_dir / "input"
    wait_until(lambda: path.exists() and path.read_bytes().endswith(b"after."), "the board has read the rest")
    assert path.read_bytes() == (b"" if dropped else b"i" * size) + b"after."


def test_purge_between_commands_does_not_hurt_the_repl(com_port):
    for _ in range(20):
        assert com_port.ask(PURGE, number(3)) == number(3)
        assert repl.typed(com_port, "6*7") == b"42\r\n"


# -- signature


def test_empty_signature_is_answered_with_name_and_version(com_port):
    assert b"mpremote-bridge" in com_port.ask(SIGNATURE)
    assert any(byte in b"0123456789" for byte in com_port.ask(SIGNATURE))


def test_signature_of_the_client_is_logged(start_bridge):
    client = echo_client(start_bridge).agree_com_port()
    client.tell(SIGNATURE, b"my terminal 1.2")
    client.bridge.wait_for_log("my terminal 1.2")
    client.tell(SIGNATURE, b"evil\r\n\x1b[31mline")
    client.bridge.wait_for_log("evil")
    assert "\x1b" not in client.bridge.log_text()


# -- break


def iac_break(client):
    client.send_wire(command(BRK))


def control_break(client):
    assert client.ask(CONTROL, number(5)) == number(5)
    assert client.ask(CONTROL, number(6)) == number(6)


every_break = pytest.mark.parametrize("send_break", [iac_break, control_break])


@every_break
@pytest.mark.parametrize("options", [[], ["--on-break", "none"], ["--on-break=none"]], ids=str)
def test_break_is_logged_and_does_nothing_more(start_bridge, send_break, options):
    client = connect(start_bridge("-vv", *options)).agree_com_port()
    repl.banner(client)
    repl.typed(client, "kept = 41")
    repl.FriendlyMode.start(client, "import sys; print('go' + 'ing'); sys.stdin.readline()")
    client.read_until(b"going\r\n")
    send_break(client)
    client.bridge.wait_for_log("(?i)break")
    client.send(b"\n")
    assert client.read_until(b">>> ") == b">>> "
    assert repl.typed(client, "kept") == b"41\r\n"


@every_break
def test_break_as_interrupt(start_bridge, send_break):
    client = connect(start_bridge("-v", "--on-break=interrupt")).agree_com_port()
    repl.banner(client)
    repl.typed(client, "kept = 41")
    for _ in range(3):
        repl.FriendlyMode.start(client, "print('go' + 'ing')\nwhile True: pass")
        client.read_until(b"going")
        send_break(client)
        client.read_until(b"KeyboardInterrupt")
        client.read_until(b">>> ")
    assert repl.typed(client, "kept") == b"41\r\n"


@every_break
def test_break_as_reset_button(start_bridge, send_break):
    client = connect(start_bridge("-v", "--on-break", "reset")).agree_com_port()
    text = repl.banner(client)
    repl.typed(client, "kept = 41")
    code = "import micropython\nmicropython.kbd_intr(-1)\nprint('go' + 'ing')\nwhile True: pass"
    for _ in range(3):
        old = client.bridge.board_pid()
        repl.FriendlyMode.start(client, code)
        client.read_until(b"going")
        send_break(client)
        client.read_until(text)
        assert repl.typed(client, "'kept' in globals()") == b"False\r\n"
        assert client.bridge.board_pid() != old
    assert not processes.zombie_children(client.bridge.pid)


def test_reset_button_works_although_input_is_stuck(start_bridge, board_dir):
    """A board that reads nothing must not keep the button from being seen."""
    client = connect(start_bridge("-v", "--on-break=reset")).agree_com_port()
    text = repl.banner(client)
    repl.FriendlyMode.start(client, "print('go' + 'ing')\nwhile True: pass")
    client.read_until(b"going")
    client.send((b"#" * 63 + b"\r") * 4096)
    client.send_wire(command(BRK))
    client.read_until(text[: text.index(b"\r\n")])


# -- malformed input

MALFORMED = {
    "empty subnegotiation": command(250) + command(SE),
    "no command": subnegotiation(bytes([COM_PORT])),
    "short baud rate": subnegotiation(bytes([COM_PORT, BAUDRATE, 0, 1])),
    "no value": subnegotiation(bytes([COM_PORT, DATASIZE])),
    "control without value": subnegotiation(bytes([COM_PORT, CONTROL])),
    "purge without value": subnegotiation(bytes([COM_PORT, PURGE])),
    "unknown command 13": subnegotiation(bytes([COM_PORT, 13, 1])),
    "unknown command 99": subnegotiation(bytes([COM_PORT, 99])),
    "unknown command 255": subnegotiation(bytes([COM_PORT, 255])),
    "answer of a server": subnegotiation(bytes([COM_PORT, 101, 0, 0, 1, 1])),
    "unknown control": subnegotiation(bytes([COM_PORT, CONTROL, 200])),
    "unknown purge": subnegotiation(bytes([COM_PORT, PURGE, 9])),
    "unknown option": subnegotiation(bytes([99, 1, 2, 3])),
    "oversized": subnegotiation(bytes([COM_PORT, SIGNATURE]) + b"x" * 2000),
    "just oversized": subnegotiation(bytes([COM_PORT, SIGNATURE]) + b"x" * 1030),
    "huge": subnegotiation(bytes([COM_PORT, BAUDRATE]) + b"x" * 1_000_000),
    "end without begin": command(SE),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_input_is_dropped_and_the_stream_goes_on(start_bridge, name):
    client = echo_client(start_bridge).agree_com_port()
    client.sync()
    start = len(client.events)
    assert echoed(client, b"before" + MALFORMED[name] + b"after") == b"beforeafter"
    assert client.ask(BAUDRATE, number(9600, 4)) == number(9600, 4)
    others = [event for event in client.events[start:-1] if event[0] != "sb" or event[1][1] not in (105, 112)]
    assert others == []


@pytest.mark.parametrize("name", ["short baud rate", "unknown command 13", "oversized"])
def test_malformed_input_is_logged_at_debug_level(start_bridge, name):
    client = echo_client(start_bridge).agree_com_port()
    client.sync()
    before = len(client.bridge.messages("DEBUG"))
    echoed(client, MALFORMED[name])
    wait_until(lambda: len(client.bridge.messages("DEBUG")) > before, "a debug line about it")
    assert not client.bridge.messages("ERROR") and not client.bridge.messages("WARNING")


def test_new_subnegotiation_inside_an_unfinished_one_does_not_derail(start_bridge):
    client = echo_client(start_bridge).agree_com_port()
    client.send_wire(command(250) + bytes([COM_PORT, BAUDRATE, 0, 0]))
    client.send_wire(subnegotiation(bytes([COM_PORT, DATASIZE, 7])))
    assert echoed(client, b"after").endswith(b"after")
    assert client.ask(BAUDRATE, number(9600, 4)) == number(9600, 4)


@pytest.mark.parametrize("ending", [b"\xff", b"\xff\xfa", b"\xff\xfa\x2c\x01", b"\xff\xfd", b"\r"])
def test_client_that_leaves_in_the_middle_of_a_command(start_bridge, ending):
    bridge = start_bridge("-v", board=program("echo_bytes"))
    for _ in range(3):
        client = bridge.connect_rfc()
        client.send_wire(ending)
        client.close()
    assert echoed(connect(bridge), b"a").endswith(b"a")


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_harm_nobody(start_bridge, seed):
    bridge = start_bridge("-v", board=program("echo_bytes"))
    source = random.Random(seed)
    for _ in range(20):
        client = bridge.connect_rfc()
        special = bytes([IAC, IAC, IAC, 250, 240, COM_PORT, WILL, DO, 0, 1, 5, 13, 10])
        client.socket.settimeout(1)
        client.send_wire(bytes(source.choice((*special, source.randrange(256))) for _ in range(2000)))
        client.close()
    assert bridge.process.poll() is None
    client = connect(bridge)
    client.send(b"still alive")
    client.read_until(b"still alive")
    assert processes.peak_memory_mib(bridge.pid) < 64


# -- speed


def test_answers_come_without_delay(com_port):
    """A hundred questions one after the other; a delay of 10 ms in each would take a second."""
    start = time.monotonic()
    for _ in range(100):
        com_port.sync()
    assert time.monotonic() - start < 1.0


def test_answers_come_while_the_board_is_busy(com_port):
    repl.FriendlyMode.start(com_port, "print('go' + 'ing')\nwhile True: pass")
    com_port.read_until(b"going")
    com_port.sync()
    assert com_port.ask(PURGE, number(1)) == number(1)


def test_answers_come_while_output_floods(start_bridge, board_dir):
    (board_dir / "size").write_text("20000000")
    client = connect(start_bridge(board=program("gush"))).agree_com_port()
    client.send(b".")
    for _ in range(10):
        client.sync()
        client.buffer.clear()

