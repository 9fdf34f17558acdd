"""mpremote-attach at other people's servers: ser2net and pyserial, with what they make of a serial port's settings."""

import random
import termios
from contextlib import closing

import pytest
from support.serial_servers import FarEnd, PyserialServer, Ser2net
from support.waiting import wait_until

KINDS = {"ser2net-rfc2217": "rfc2217", "ser2net-telnet": "rfc2217", "ser2net-raw": "socket", "pyserial": "rfc2217"}
WITH_SETTINGS = ["ser2net-rfc2217", "pyserial"]
ALL_VALUES = bytes(range(256)) + b"\r\n\r\0\r\xff\xff\xfa\xff\xf0\n" + bytes(reversed(range(256)))


@pytest.fixture
def far_end():
    with closing(FarEnd()) as opened:
        yield opened


def start_server(name, far_end, folder):
    if name == "pyserial":
        return PyserialServer(far_end)
    accepter = {"ser2net-rfc2217": "telnet(rfc2217),tcp", "ser2net-telnet": "telnet,tcp", "ser2net-raw": "tcp"}[name]
    return Ser2net(accepter, far_end, folder)


@pytest.fixture
def attach(request, far_end, tmp_path, start_attach):
    """A device for the port of a server, which is the indirect parameter, or all of them."""
    name, *options = request.param if isinstance(request.param, tuple) else (request.param,)
    with closing(start_server(name, far_end, tmp_path)) as server:
        yield start_attach(f"{KINDS[name]}://localhost:{server.port}", "-vv", *options)


def on(*names):
    return pytest.mark.parametrize("attach", names, indirect=True, ids=lambda name: name)


every_server = on(*KINDS)
servers_with_settings = on(*WITH_SETTINGS)


@every_server
def test_all_byte_values_to_the_port(attach, far_end):
    client = attach.open()
    for _ in range(4):
        client.send(ALL_VALUES)
        assert far_end.read_exact(len(ALL_VALUES)) == ALL_VALUES


@every_server
def test_all_byte_values_from_the_port(attach, far_end):
    client = attach.open()
    client.send(b"!")
    far_end.read_until(b"!")
    for _ in range(4):
        far_end.send(ALL_VALUES)
        assert client.read_exact(len(ALL_VALUES)) == ALL_VALUES


@every_server
def test_much_data_both_ways(attach, far_end):
    client = attach.open()
    data = random.Random(1).randbytes(1 << 18)
    for at in range(0, len(data), 2048):
        piece = data[at : at + 2048]
        client.send(piece)
        assert far_end.read_exact(len(piece)) == piece
        far_end.send(piece)
        assert client.read_exact(len(piece)) == piece


# ser2net may lose what comes directly before the end of a connection, from any client.
@on("pyserial")
def test_what_is_written_and_left_is_delivered(attach, far_end):
    for number in range(1, 21):
        client = attach.open()
        client.send(b"print(%d*7)\r\xff." % number)
        client.close()
        far_end.read_until(b"print(%d*7)\r\xff." % number)
        attach.wait_until_left(number)


@servers_with_settings
def test_program_sets_the_baud_rate(attach, far_end):
    client = attach.open()
    for speed in (9600, 38400, 1200, 115200):
        client.set_speed(getattr(termios, f"B{speed}"))
        wait_until(lambda speed=speed: far_end.custom_speed() == speed, f"the port has {speed} baud")


@servers_with_settings
def test_every_program_finds_the_port_as_it_set_it(attach, far_end):
    for number, speed in enumerate([9600, 19200, 9600], 1):
        client = attach.open()
        client.set_speed(getattr(termios, f"B{speed}"))
        client.send(b"%d." % number)
        far_end.read_until(b"%d." % number)
        wait_until(lambda speed=speed: far_end.custom_speed() == speed, f"the port has {speed} baud")
        client.close()
        attach.wait_until_left(number)
    client = attach.open()
    wait_until(lambda: far_end.custom_speed() == 115200, "a fresh device has 115200 baud")


@servers_with_settings
def test_program_sets_the_stop_bits(attach, far_end):
    client = attach.open()
    for flag in (termios.CSTOPB, 0, termios.CSTOPB):
        settings = client.settings()
        settings[2] = settings[2] & ~termios.CSTOPB | flag
        termios.tcsetattr(client.descriptor, termios.TCSANOW, settings)
        wait_until(lambda flag=flag: far_end.settings()[2] & termios.CSTOPB == flag, f"the port has CSTOPB {flag}")


@on("ser2net-telnet")
def test_server_that_cannot_be_set_is_named(attach, far_end):
    client = attach.open()
    client.send(b"!")
    far_end.read_until(b"!")
    attach.wait_for_log("WARNING - rfc2217://localhost:.* does not let the serial port be set")
    client.set_speed(termios.B9600)
    client.send(b"?")
    far_end.read_until(b"?")
