"""A client whose network goes away without a word: the device is free again within 30 seconds.

Bridge and client live in network namespaces of their own with a link between them, which root may make.
"""

import os
import subprocess
import sys
import time
import uuid

import pytest
from support.bridge import executable, micropython

BRIDGE_ADDRESS, CLIENT_ADDRESS = "192.0.2.1", "192.0.2.2"
PORT = 2218  # in a namespace of its own, so nobody else's
PROMISED = 30

CLIENT = """
import socket, sys
client = socket.create_connection((sys.argv[1], int(sys.argv[2])))
client.sendall(sys.argv[3].encode())
while client.recv(4096):
    print("got", flush=True)
"""


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


def in_namespace(name, *command, **kwargs):
    return subprocess.Popen(["ip", "netns", "exec", name, *map(str, command)], text=True, **kwargs)


@pytest.fixture
def namespaces():
    """The names of two linked namespaces: the bridge's and the client's."""
    unique = uuid.uuid4().hex[:8]
    here, there = f"mpb-{unique}", f"mpc-{unique}"
    if os.geteuid() != 0 or ip("netns", "add", here).returncode != 0:
        pytest.skip("network namespaces cannot be made here")
    try:
        assert ip("netns", "add", there).returncode == 0
        if ip("netns", "exec", here, "true").returncode != 0:
            pytest.skip("no program can be started in a network namespace here")
        link = ip("link", "add", "link0", "netns", here, "type", "veth", "peer", "name", "link0", "netns", there)
        if link.returncode != 0:
            pytest.skip(f"no virtual link can be made here: {link.stderr}")
        for name, address in ((here, BRIDGE_ADDRESS), (there, CLIENT_ADDRESS)):
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "link0")
            ip("-n", name, "link", "set", "link0", "up")
        yield here, there
    finally:
        ip("netns", "del", here)
        ip("netns", "del", there)


@pytest.fixture
def log(namespaces, board_dir, kind):
    """The log of a bridge in its namespace, line by line, from the moment it waits for clients."""
    ports = {"socket": ["-p", 0, "-s", PORT], "rfc2217": ["-p", PORT, "-s", 0]}[kind]
    options = ["-H", BRIDGE_ADDRESS, *ports, "-v", "--cwd", board_dir]
    command = [executable(), *options, micropython()]
    with in_namespace(namespaces[0], *command, stderr=subprocess.PIPE) as bridge:
        try:
            next(line for line in bridge.stderr if "Waiting for connection" in line)
            yield bridge.stderr
        finally:
            bridge.terminate()


@pytest.mark.parametrize("typed", ["\x03", "import time\rwhile 1: print(1); time.sleep(.1)\r\r"], ids=["idle", "fed"])
def test_vanished_client_frees_the_device(namespaces, log, typed):
    arguments = ["-c", CLIENT, BRIDGE_ADDRESS, PORT, typed]
    with in_namespace(namespaces[1], sys.executable, *arguments, stdout=subprocess.PIPE) as client:
        try:
            assert "Connected" in next(log)
            assert next(client.stdout) == "got\n"
            ip("-n", namespaces[1], "link", "set", "link0", "down")
            gone = time.monotonic()
            while "Disconnected" not in next(log):
                pass
            assert time.monotonic() - gone < PROMISED
        finally:
            client.kill()

