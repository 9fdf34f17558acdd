"""mpremote-attach without its server: the local program is told and sees the end; then all works again."""

import os
import re
import socket
import subprocess
import threading

import pytest
from support import repl
from support.bridge import LOCALHOST, VENV_BIN, free_ports, program
from support.waiting import wait_until

BUSY = b"\r\nError: Device busy - another client is connected\r\n"


def fails(attach, pattern):
    """Open the device, read what comes up to the end, and wait for the new device."""
    former = attach.device
    told = attach.open().read_to_end()
    assert re.fullmatch(pattern.encode(), told), told
    attach.wait_until_remade(former)


def works(attach):
    client = attach.open()
    repl.fresh_prompt(client)
    assert repl.typed(client, "6*7") == b"42\r\n"
    client.close()


def error(text):
    return f"\r\nError: {text}\r\n"


def mpremote_fails(attach):
    command = [VENV_BIN / "mpremote", "connect", attach.link, "exec", "print(6*7)"]
    result = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert result.returncode != 0
    assert b"42" not in result.stdout


@pytest.mark.parametrize("holder", ["socket", "rfc2217"])
def test_board_is_taken(attached, kind, holder):
    bridge, attach = attached()
    other = bridge.connect(holder)
    repl.banner(other)
    for count in range(1, 4):
        fails(attach, BUSY.decode() + error(f"{bridge.url(kind)} closed the connection"))
        attach.wait_for_log(f"WARNING - {bridge.url(kind)} closed the connection", count)
    mpremote_fails(attach)
    assert repl.typed(other, "6*7") == b"42\r\n"
    other.close()
    bridge.wait_for_log("Disconnected")
    works(attach)


def test_nobody_listens(start_bridge, start_attach, kind):
    port, other = free_ports(2)
    url = f"{kind}://{LOCALHOST}:{port}"
    attach = start_attach(url, "-v")
    for count in range(1, 4):
        fails(attach, error(f"Cannot connect to {url}: Connection refused"))
        attach.wait_for_log(f"WARNING - Cannot connect to {url}: Connection refused", count)
    mpremote_fails(attach)
    ports = (other, port) if kind == "socket" else (port, other)
    start_bridge("-v", "--no-pty", port=ports[0], socket_port=ports[1])
    works(attach)


def test_name_is_unknown(start_attach, kind):
    url = f"{kind}://no-such-host.invalid:7"
    attach = start_attach(url, "-v")
    for _ in range(2):
        fails(attach, error(f"Cannot connect to {url}: .+"))
    mpremote_fails(attach)
    attach.wait_for_log(f"WARNING - Cannot connect to {url}: ", count=3)


def test_device_is_made_anew_though_the_program_does_not_read(start_attach, kind):
    attach = start_attach(f"{kind}://{LOCALHOST}:{free_ports(1)[0]}", "-v")
    former = attach.device
    client = attach.open()
    attach.wait_until_remade(former)
    client.read_to_end()
    with pytest.raises(OSError):
        os.write(client.descriptor, b"print(6*7)\r")


def test_what_is_written_and_left_without_a_server_does_no_harm(attached, start_bridge, kind):
    bridge, attach = attached()
    bridge.stop()
    for count in range(1, 11):
        client = attach.open()
        client.send(b"print(6*7)\r")
        client.close()
        attach.wait_for_log("Cannot connect", count)
        # Who opens the device before that is taken for the same client, going on.
        attach.wait_for_log("Disconnected", count)
    start_bridge("-v", "--no-pty", port=bridge.port, socket_port=bridge.socket_port)
    wait_until(lambda: os.path.exists(attach.link), "the link leads somewhere")
    works(attach)


def test_server_vanishes_and_comes_back(attached, start_bridge, kind):
    bridge, attach = attached()
    for count in range(1, 4):
        former = attach.device
        client = attach.open()
        repl.banner(client)
        bridge.process.kill()
        told = client.read_to_end()
        assert re.fullmatch(error(f"(Lost )?{bridge.url(kind)}.*").encode(), told), told
        attach.wait_until_remade(former)
        attach.wait_for_log(f"WARNING - (Lost )?{bridge.url(kind)}", count)
        bridge.stop()
        bridge = start_bridge("-v", "--no-pty", port=bridge.port, socket_port=bridge.socket_port)
    works(attach)


# -- servers that do not speak telnet


class Listener:
    """Accepts connections and keeps them, answering nothing or giving back what it gets."""

    def __init__(self, echoes=False):
        self._listener = socket.create_server((LOCALHOST, 0))
        self.port = self._listener.getsockname()[1]
        self._echoes = echoes
        self._connections = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        try:
            while True:
                connection = self._listener.accept()[0]
                self._connections.append(connection)
                while data := connection.recv(4096):
                    if self._echoes:
                        connection.sendall(data)
        except OSError:
            pass

    def close(self):
        for each in (self._listener, *self._connections):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()
        self._thread.join()


@pytest.mark.parametrize("echoes", [False, True], ids=["silent", "echo"])
def test_rfc2217_server_that_does_not_answer(start_attach, echoes):
    server = Listener(echoes)
    try:
        url = f"rfc2217://{LOCALHOST}:{server.port}"
        attach = start_attach(url, "-v")
        fails(attach, error(f"{url} does not answer as RFC 2217 asks for"))
        attach.wait_for_log(f"WARNING - {url} does not answer as RFC 2217 asks for")
    finally:
        server.close()


def test_rfc2217_at_the_raw_port(start_bridge, start_attach):
    bridge = start_bridge("-v", "--no-pty", board=program("record"))
    url = f"rfc2217://localhost:{bridge.socket_port}"
    attach = start_attach(url, "-v")
    fails(attach, "ready\n" + error(f"{url} does not answer as RFC 2217 asks for"))
    bridge.wait_for_log("Disconnected")
