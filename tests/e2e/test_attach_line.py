"""What mpremote-attach tells an RFC 2217 server of the line: the settings of the device, --data-bits and --parity."""

import re
import termios

import pytest
from support import repl


@pytest.fixture
def traced(start_bridge, start_attach):
    """A bridge that logs the settings, and a device for it."""

    def start(*options, kind="rfc2217"):
        bridge = start_bridge("-vv", "--no-pty")
        return bridge, start_attach(bridge.url(kind), *options)

    return start


def settings(bridge, name):
    return [int(value) for value in re.findall(rf"SET-{name} (\d+)", bridge.log_text())]


def test_fresh_device_has_the_usual_settings(traced):
    bridge, attach = traced()
    repl.banner(attach.open())
    assert [settings(bridge, name) for name in ("BAUDRATE", "DATASIZE", "PARITY", "STOPSIZE")] == [
        [115200], [8], [1], [1],
    ]  # fmt: skip


def test_baud_rate_that_is_set_while_it_is_used(traced):
    bridge, attach = traced()
    client = attach.open()
    repl.banner(client)
    client.set_speed(termios.B9600)
    bridge.wait_for_log("SET-BAUDRATE 9600")
    client.set_custom_speed(12345)
    bridge.wait_for_log("SET-BAUDRATE 12345")
    client.set_custom_speed(4000000)
    bridge.wait_for_log("SET-BAUDRATE 4000000")
    assert settings(bridge, "BAUDRATE") == [115200, 9600, 12345, 4000000]
    assert repl.typed(client, "6*7") == b"42\r\n"


def test_baud_rate_that_is_set_at_once(traced):
    bridge, attach = traced()
    client = attach.open()
    client.set_speed(termios.B9600)
    repl.banner(client)
    bridge.wait_for_log("SET-BAUDRATE 9600")
    assert set(settings(bridge, "BAUDRATE")) <= {115200, 9600}


def test_hanging_up_by_b0_is_no_baud_rate(traced):
    bridge, attach = traced()
    client = attach.open()
    repl.banner(client)
    client.set_speed(termios.B0)
    client.set_speed(termios.B9600)
    bridge.wait_for_log("SET-BAUDRATE 9600")
    client.set_speed(termios.B0)
    assert repl.typed(client, "6*7") == b"42\r\n"
    assert 0 not in settings(bridge, "BAUDRATE")


def test_stop_bits(traced):
    bridge, attach = traced()
    client = attach.open()
    repl.banner(client)
    client.set(cflag=termios.CSTOPB)
    bridge.wait_for_log("SET-STOPSIZE 2")
    assert settings(bridge, "STOPSIZE") == [1, 2]


def test_setting_the_same_again_is_not_told(traced):
    bridge, attach = traced()
    client = attach.open()
    repl.banner(client)
    for _ in range(20):
        client.set()
        assert repl.typed(client, "6*7") == b"42\r\n"
    assert settings(bridge, "BAUDRATE") == [115200]


@pytest.mark.parametrize("bits", [5, 6, 7, 8])
def test_data_bits(traced, bits):
    bridge, attach = traced("--data-bits", bits)
    repl.banner(attach.open())
    assert settings(bridge, "DATASIZE") == [bits]


@pytest.mark.parametrize("value, word", list(enumerate(["none", "odd", "even", "mark", "space"], 1)))
def test_parity(traced, value, word):
    bridge, attach = traced(f"--parity={word}")
    repl.banner(attach.open())
    assert settings(bridge, "PARITY") == [value]


def test_settings_are_told_again_to_every_connection(traced):
    bridge, attach = traced("-v", "--data-bits=7", "--parity=even")
    for number, speed in enumerate((termios.B9600, termios.B19200), 1):
        client = attach.open()
        client.set_speed(speed)
        repl.fresh_prompt(client)
        client.close()
        attach.wait_until_left(number)
    repl.fresh_prompt(attach.open())
    assert settings(bridge, "BAUDRATE")[-1] == 115200
    assert settings(bridge, "DATASIZE") == [7, 7, 7]
    assert settings(bridge, "PARITY") == [3, 3, 3]


def test_kept_the_next_program_gets_its_own_settings(traced):
    bridge, attach = traced("-v", "--keep")
    bridge.wait_for_log("SET-STOPSIZE 1")
    client = attach.open()
    client.set_speed(termios.B9600)
    client.set(cflag=termios.CSTOPB)
    bridge.wait_for_log("SET-STOPSIZE 2")
    client.close()
    attach.wait_until_left()
    repl.fresh_prompt(attach.open())
    bridge.wait_for_log("SET-STOPSIZE 1", count=2)
    assert settings(bridge, "BAUDRATE") == [115200, 9600, 115200]


def test_raw_socket_has_no_settings(traced):
    _, attach = traced("--data-bits=7", "--parity=odd", kind="socket")
    client = attach.open()
    repl.banner(client)
    client.set_speed(termios.B9600)
    client.set(cflag=termios.CSTOPB)
    assert repl.typed(client, "6*7") == b"42\r\n"
