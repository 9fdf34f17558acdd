"""pyserial's two network ports and its terminal."""

import time

import pexpect
import pytest
import serial
from support import repl
from support.bridge import VENV_BIN, program
from support.waiting import DEADLINE


@pytest.fixture
def open_port(bridge):
    """Opens serial ports and closes them when the test ends."""
    opened = []

    def open_url(kind, suffix="", **kwargs):
        port = serial.serial_for_url(bridge.url(kind) + suffix, **{"timeout": DEADLINE, **kwargs})
        opened.append(port)
        return port

    yield open_url
    for port in opened:
        port.close()


@pytest.fixture
def port(open_port):
    """An RFC 2217 port at the prompt. pyserial itself throws away what comes while it opens, the banner too."""
    opened = open_port("rfc2217", baudrate=115200)
    still_serves(opened)
    return opened


def still_serves(port):
    port.write(b"print(6*7)\r")
    assert port.read_until(b"42\r\n>>> ").endswith(b"print(6*7)\r\n42\r\n>>> ")


# -- the specification's example, word for word but for the port


def test_example_over_the_raw_socket(bridge):
    ser = serial.serial_for_url(f"socket://localhost:{bridge.socket_port}", timeout=2)
    run_example(ser)


def test_example_over_rfc2217(bridge):
    ser = serial.serial_for_url(f"rfc2217://localhost:{bridge.port}", baudrate=115200, timeout=2)
    run_example(ser)


def run_example(ser):
    # Read initial output; pyserial throws away what came while it opened, so it may be nothing
    data = ser.read(1000)
    assert data == b"" or data.endswith(b">>> ")

    # Send commands
    ser.write(b'print("Hello World")\r\n')

    # Read response
    response = ser.read(1000)
    assert 'print("Hello World")\r\nHello World\r\n>>> ' in response.decode("utf-8")

    ser.close()


# -- settings


@pytest.mark.parametrize(
    "name, values",
    [
        ("baudrate", [300, 9600, 115200, 921600]),
        ("bytesize", [5, 6, 7, 8]),
        ("parity", ["N", "E", "O", "M", "S"]),
        ("stopbits", [1, 1.5, 2]),
    ],
)
def test_every_setting_is_accepted(port, name, values):
    for value in values:
        setattr(port, name, value)
        assert getattr(port, name) == value
    still_serves(port)


@pytest.mark.parametrize("name", ["rtscts", "xonxoff", "dsrdtr"])
def test_every_flow_control_is_accepted(open_port, name):
    port = open_port("rfc2217", **{name: True})
    still_serves(port)


def test_control_lines_can_be_set(port):
    for value in (False, True, False):
        port.dtr = value
        port.rts = value
        port.break_condition = value
    still_serves(port)


def test_break_can_be_sent(port):
    port.send_break(0.01)
    still_serves(port)


def test_modem_lines_can_be_read(port):
    assert (port.cts, port.dsr, port.ri, port.cd) == (True, True, False, True)


def test_modem_lines_can_be_polled(open_port):
    port = open_port("rfc2217", "?poll_modem")
    assert (port.cts, port.dsr, port.ri, port.cd) == (True, True, False, True)


def test_buffers_can_be_reset(port):
    port.reset_input_buffer()
    port.reset_output_buffer()
    still_serves(port)


def test_all_values_pass(start_bridge, kind):
    bridge = start_bridge(board=program("echo_bytes"))
    port = serial.serial_for_url(bridge.url(kind), timeout=DEADLINE)
    data = bytes(range(256)) * 40
    port.write(data)
    assert port.read(len(data)) == data
    port.close()


def test_ports_opened_one_after_the_other(bridge):
    for number in range(3):
        for kind in ("socket", "rfc2217"):
            with serial.serial_for_url(bridge.url(kind), timeout=DEADLINE) as port:
                port.write(b"print(%d + 1000)\r" % number)
                assert port.read_until(b"%d\r\n>>> " % (number + 1000)).endswith(b"%d\r\n>>> " % (number + 1000))


def test_refused_port_cannot_be_opened_over_rfc2217(bridge, port):
    with pytest.raises(serial.SerialException):
        serial.serial_for_url(bridge.url("rfc2217") + "?timeout=1", timeout=1).read(1)
    still_serves(port)


def test_opening_and_closing_costs_only_what_pyserial_sleeps(bridge):
    """The best of several, since other tests share the machine; a delay in any answer would show in all."""
    opening, closing = zip(*(seconds_to_open_and_close(bridge) for _ in range(5)))
    assert min(opening) < 0.6
    assert min(closing) < 0.6


def seconds_to_open_and_close(bridge):
    start = time.monotonic()
    port = serial.serial_for_url(bridge.url("rfc2217"))
    opened = time.monotonic()
    port.close()
    return opened - start, time.monotonic() - opened


# -- the terminal


@pytest.fixture
def miniterm(bridge, kind):
    """miniterm at the prompt. The terminal adds a carriage return of its own to each line end."""
    child = pexpect.spawn(str(VENV_BIN / "pyserial-miniterm"), [bridge.url(kind), "115200"], timeout=DEADLINE)
    child.delaybeforesend = None
    child.bridge = bridge
    child.expect_exact(b"--- Quit: Ctrl+]")
    child.send("\r")
    child.expect_exact(b">>> ")
    yield child
    child.close(force=True)


def test_miniterm_shows_the_answer(miniterm):
    miniterm.send("print(6*7)\r")
    miniterm.expect(rb"print\(6\*7\)\r+\n42\r+\n")


def test_miniterm_interrupts(miniterm):
    miniterm.send("exec(\"print('go' + 'ing')\\nwhile True: pass\")\r")
    miniterm.expect_exact(b"going\r")
    miniterm.send("\x03")
    miniterm.expect_exact(b"KeyboardInterrupt")


def test_miniterm_resets(miniterm):
    miniterm.send("\x04")
    miniterm.expect_exact(b"MPY: soft reboot\r")
    miniterm.expect_exact(b">>> ")


def test_miniterm_quits_and_frees_the_device(miniterm, kind):
    miniterm.send("\x1d")
    miniterm.expect(pexpect.EOF)
    miniterm.bridge.wait_for_log("Disconnected")
    repl.fresh_prompt(miniterm.bridge.connect(kind))
