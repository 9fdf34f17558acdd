"""The telnet program of every system is a usable terminal for the REPL."""

import pexpect
import pytest
from support import repl
from support.bridge import LOCALHOST
from support.waiting import DEADLINE

ESCAPE = "\x1d"


@pytest.fixture
def telnet(start_bridge):
    """A telnet session at the board's first prompt."""
    bridge = start_bridge("-vv")
    child = spawn(bridge)
    child.bridge = bridge
    child.expect_exact(b"MicroPython ")
    child.expect_exact(b">>> ")
    yield child
    child.close(force=True)


def spawn(bridge):
    child = pexpect.spawn("telnet", [LOCALHOST, str(bridge.port)], timeout=DEADLINE)
    child.delaybeforesend = None
    return child


def telnet_command(telnet, text):
    """Give a command at telnet's own prompt."""
    telnet.send(ESCAPE)
    telnet.expect_exact(b"telnet> ")
    telnet.send(text + "\n")
    telnet.expect_exact(text.encode())


def test_line_is_echoed_once_and_answered(telnet):
    telnet.send("print(6*7)\r")
    telnet.expect_exact(b">>> ")
    assert telnet.before == b"print(6*7)\r\n42\r\n"


def test_characters_come_at_once(telnet):
    for character in "abc":
        telnet.send(character)
        telnet.expect_exact(character.encode())
    telnet.send(" = 1\r")
    telnet.expect_exact(b">>> ")
    assert telnet.before == b" = 1\r\n"


def test_output_makes_no_staircase(telnet):
    telnet.send("print('a\\nb\\nc')\r")
    telnet.expect_exact(b">>> ")
    assert telnet.before == b"print('a\\nb\\nc')\r\na\r\nb\r\nc\r\n"


def test_ctrl_c_interrupts(telnet):
    telnet.send("exec(\"print('go' + 'ing')\\nwhile True: pass\")\r")
    telnet.expect_exact(b"going\r\n")
    telnet.send("\x03")
    telnet.expect_exact(b"KeyboardInterrupt")
    telnet.expect_exact(b">>> ")


def test_ctrl_d_resets(telnet):
    telnet.send("\x04")
    telnet.expect_exact(repl.REBOOT)
    telnet.expect_exact(b"MicroPython ")
    telnet.expect_exact(b">>> ")


def test_arrow_up_brings_the_last_line_back(telnet):
    telnet.send("6*7\r")
    telnet.expect_exact(b"42\r\n>>> ")
    telnet.send("\x1b[A")
    telnet.expect_exact(b"6*7")
    telnet.send("\r")
    telnet.expect_exact(b"42\r\n>>> ")


def test_backspace_edits_the_line(telnet):
    telnet.send("6*8\x7f7\r")
    telnet.expect_exact(b"42\r\n>>> ")


def test_send_ip_interrupts(telnet):
    telnet.send("exec(\"print('go' + 'ing')\\nwhile True: pass\")\r")
    telnet.expect_exact(b"going\r\n")
    telnet_command(telnet, "send ip")
    telnet.expect_exact(b"KeyboardInterrupt")


def test_send_eof_resets(telnet):
    telnet_command(telnet, "send eof")
    telnet.expect_exact(repl.REBOOT)


def test_send_ayt_is_answered(telnet):
    telnet_command(telnet, "send ayt")
    telnet.expect(rb"\S+")


def test_send_break_is_logged_and_harmless(telnet):
    telnet_command(telnet, "send brk")
    telnet.bridge.wait_for_log("(?i)break")
    telnet.send("6*7\r")
    telnet.expect_exact(b"42\r\n>>> ")


def test_quitting_frees_the_device(telnet):
    telnet_command(telnet, "quit")
    telnet.expect(pexpect.EOF)
    telnet.bridge.wait_for_log("Disconnected")
    repl.fresh_prompt(telnet.bridge.connect_rfc())


def test_second_telnet_sees_why_it_is_refused(telnet):
    second = spawn(telnet.bridge)
    second.expect_exact(b"Error: Device busy - another client is connected\r\n")
    second.expect(pexpect.EOF)
    second.close(force=True)
    telnet.send("6*7\r")
    telnet.expect_exact(b"42\r\n>>> ")
