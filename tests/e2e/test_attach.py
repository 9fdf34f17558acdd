"""mpremote-attach with this bridge: a local device whose other end is a network port of the bridge."""

import os
import re
import signal
import socket
import stat
import subprocess

import pytest
from support import processes, repl
from support.attach import run_once
from support.bridge import VENV_BIN, program
from support.waiting import wait_until

MPREMOTE = VENV_BIN / "mpremote"


# -- the target and other words


@pytest.mark.parametrize(
    "target, url",
    [
        ("localhost", "socket://localhost:2218"),
        ("localhost:7", "socket://localhost:7"),
        ("socket://localhost", "socket://localhost:2218"),
        ("rfc2217://localhost", "rfc2217://localhost:2217"),
        ("rfc2217://127.0.0.1:65535", "rfc2217://127.0.0.1:65535"),
        ("[::1]", "socket://[::1]:2218"),
        ("rfc2217://[fe80::1]:23", "rfc2217://[fe80::1]:23"),
    ],
)
def test_target_is_named_in_the_log(start_attach, target, url):
    attach = start_attach(target, "-v")
    attach.wait_for_log("PTY port at")
    assert attach.messages("INFO") == [f"PTY port at {attach.device} ({attach.link}) for {url}"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        [""],
        ["telnet://host"],
        ["socket://"],
        ["rfc2217://:2217"],
        ["host:"],
        ["host:0"],
        ["host:65536"],
        ["host:http"],
        ["::1"],
        ["[::1"],
        ["[::1]2217"],
        ["/dev/ttyUSB0:x"],
        ["one", "two"],
        ["host", "--bogus"],
        ["host", "--keep", "--once"],
        ["host", "--data-bits", "9"],
        ["host", "--data-bits", "4"],
        ["host", "--parity", "both"],
        ["host", "--pty-mode", "rw"],
    ],
)
def test_wrong_words_are_a_usage_error(words):
    result = run_once(*words)
    assert result.returncode == 2
    assert result.stderr and not result.stdout


def test_help_names_the_options_with_their_defaults():
    result = run_once("--help")
    assert result.returncode == 0 and not result.stderr
    for word in ("TARGET", "--pty-link", "--keep", "--once", "--parity", "--verbose"):
        assert word in result.stdout
    assert re.search(r"--data-bits .*=8\b", result.stdout)
    assert result.stdout.replace("\n", "").isprintable()


def test_version():
    result = run_once("--version")
    assert result.returncode == 0
    assert re.fullmatch(r"mpremote-attach \d+\.\d+\.\d+\n", result.stdout)


def test_unknown_group_is_an_error():
    result = run_once("localhost", "--pty-group", "no-such-group")
    assert result.returncode == 1
    assert "Error: " in result.stderr and "no-such-group" in result.stderr


# -- where the device is


def test_link_leads_to_the_device_and_nothing_is_printed(start_attach, tmp_path):
    attach = start_attach("localhost", "--pty-mode=640")
    assert os.readlink(tmp_path / "port").startswith("/dev/pts/")
    assert stat.S_IMODE(os.stat(attach.link).st_mode) == 0o640
    attach.stop()
    assert attach.printed == []
    assert not os.path.lexists(attach.link)


def test_link_over_something_else_is_an_error(tmp_path):
    path = tmp_path / "file"
    path.write_text("mine")
    result = run_once("localhost", "--pty-link", path)
    assert result.returncode == 1
    assert "Error: " in result.stderr and str(path) in result.stderr
    assert path.read_text() == "mine"


def test_without_a_link_the_device_is_printed_whenever_it_is_new(start_bridge, start_attach, kind):
    bridge = start_bridge("-v", "--no-pty")
    attach = start_attach(bridge.url(kind), "-v", link=None)
    former = attach.device
    assert re.fullmatch(r"/dev/pts/\d+", former)
    client = attach.open()
    repl.banner(client)
    bridge.signal(signal.SIGKILL)
    client.read_to_end()
    attach.wait_until_remade(former)
    assert len(attach.printed) == 2
    attach.wait_for_log(rf"PTY port made anew, now at {attach.device}$")


# -- a board as if it were here


def mpremote(attach, *arguments):
    command = [MPREMOTE, "connect", attach.link, *arguments]
    result = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, (result.stdout, result.stderr, attach.log_text())
    return result.stdout


def test_mpremote(attached):
    _, attach = attached()
    assert mpremote(attach, "exec", "print(6*7)") == b"42\n"
    assert mpremote(attach, "resume", "exec", "x = 43") == b""
    assert mpremote(attach, "resume", "exec", "print(x)") == b"43\n"
    assert mpremote(attach, "exec", "print('x' in globals())") == b"False\n"


def test_ctrl_c_interrupts(attached):
    _, attach = attached()
    client = attach.open()
    repl.banner(client)
    for code in ("while True: pass", "import time; time.sleep(1000)"):
        repl.FriendlyMode.start(client, f"print('begun'); {code}" if ";" in code else f"print('begun')\n{code}")
        client.read_until(b"begun\r\n")
        client.send(repl.INTERRUPT)
        assert b"KeyboardInterrupt" in client.read_until(b">>> ")


def test_soft_reset(attached):
    _, attach = attached()
    client = attach.open()
    repl.banner(client)
    repl.typed(client, "x = 1")
    client.send(repl.RESET)
    client.read_until(repl.REBOOT)
    assert repl.banner(client).startswith(b"MicroPython ")
    assert b"NameError" in repl.typed(client, "x")


def test_all_byte_values_both_ways(attached):
    _, attach = attached(board=program("echo_bytes"))
    client = attach.open()
    data = bytes(range(256)) * 8 + b"\r\n\r\0\xff\xff\r" + bytes(reversed(range(256)))
    client.send(data)
    assert client.read_exact(len(data)) == data


def test_each_byte_value_by_itself(attached):
    _, attach = attached(board=program("echo_bytes"))
    client = attach.open()
    for value in range(256):
        client.send(bytes([value]))
        assert client.read_exact(1) == bytes([value])


def test_ipv6(start_bridge, start_attach, kind):
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("there is no IPv6 here")
    bridge = start_bridge("-v", "--no-pty", host="::1")
    attach = start_attach(f"{kind}://[::1]:{bridge.port_of(kind)}")
    assert repl.banner(attach.open()).startswith(b"MicroPython ")


# -- the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_signals_end_it(attached, number, used):
    bridge, attach = attached()
    client = attach.open() if used else None
    if client:
        repl.banner(client)
    attach.signal(number)
    assert attach.wait(15) == 0
    assert not os.path.lexists(attach.link)
    if client:
        assert client.read_to_end() == b""
        bridge.wait_for_log("Disconnected")


@pytest.mark.parametrize("words", [[], ["--keep"]], ids=["while-used", "kept"])
@pytest.mark.parametrize("connected", [False, True], ids=["nobody", "silent-program"])
def test_idle_it_does_nothing_at_all(attached, words, connected):
    _, attach = attached(*words)
    client = attach.open()
    repl.fresh_prompt(client)
    if not connected:
        client.close()
        attach.wait_until_left()
    # It makes sure for some seconds that the device is still open.
    wait_until(lambda: passes_a_second_without_a_step(attach), "it sleeps")


def passes_a_second_without_a_step(attach):
    before = processes.status(attach.pid, "voluntary_ctxt_switches")
    with pytest.raises(subprocess.TimeoutExpired):
        attach.process.wait(1.0)
    return processes.status(attach.pid, "voluntary_ctxt_switches") == before
