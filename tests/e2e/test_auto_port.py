"""`-p auto -s auto`: free ports, chosen when the bridge starts, that the log tells."""

import os
import subprocess
import sys

import pytest
from support import repl
from support.bridge import LOCALHOST, program, run_once

BOTH = ("-p", "auto", "-s", "auto")

# Where all but two of the numbers from which the kernel chooses are taken, at IPv6 addresses only.
NARROW = """
import os, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write("40000 40019")
held = []
for port in range(40000, 40020):
    if port not in (40003, 40007):
        held.append(socket.create_server(("::", port), family=socket.AF_INET6))
        held[-1].set_inheritable(True)
os.execv(sys.argv[1], sys.argv[1:])
"""


def start(start_bridge, *options, ports=BOTH, **kwargs):
    """A bridge on ports that it says itself."""
    bridge = start_bridge("-v", *options, port=0, socket_port=0, command_ports=list(ports), **kwargs)
    bridge.wait_for_log("Waiting for connection")
    bridge.port = listening_port(bridge, "RFC 2217")
    bridge.socket_port = listening_port(bridge, "Raw socket")
    return bridge


def listening_port(bridge, title):
    return int(bridge.wait_for_log(rf"{title} server listening on .*:(\d+)$")[1])


def serves(bridge, kind, host):
    client = bridge.connect(kind, host=host)
    repl.fresh_prompt(client)
    client.close()


def has_ipv6():
    return os.path.exists("/proc/net/if_inet6") and "::1" in _loopback()


def _loopback():
    return subprocess.run(["ip", "-6", "-o", "addr", "show", "dev", "lo"], capture_output=True, text=True).stdout


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")


def test_both_ports_are_free_ones_and_the_log_tells_them(start_bridge):
    bridge = start(start_bridge)
    assert 0 < bridge.port != bridge.socket_port > 0
    for kind in ("rfc2217", "socket"):
        serves(bridge, kind, LOCALHOST)
    assert f"  Connect with: mpremote connect rfc2217://{LOCALHOST}:{bridge.port}" in bridge.messages()
    assert f"  Connect with: mpremote connect socket://{LOCALHOST}:{bridge.socket_port}" in bridge.messages()


def test_many_bridges_find_ports_of_their_own(start_bridge):
    bridges = [start(start_bridge, board=program("echo_bytes")) for _ in range(4)]
    assert len({port for bridge in bridges for port in (bridge.port, bridge.socket_port)}) == 8


@needs_ipv6
@pytest.mark.parametrize("host", [None, "localhost"], ids=["every-interface", "a-name-with-both"])
def test_number_is_the_same_at_all_addresses(start_bridge, host, kind):
    bridge = start(start_bridge, host=host)
    serves(bridge, kind, LOCALHOST)
    if host is None:
        serves(bridge, kind, "::1")


def test_other_port_may_be_given(start_bridge):
    first = start(start_bridge)
    number = first.socket_port
    first.stop()
    second = start(start_bridge, ports=("-p", "auto", "-s", number))
    assert second.socket_port == number != second.port
    serves(second, "rfc2217", LOCALHOST)


def may_make_a_network():
    command = ["unshare", "--net", "sh", "-c", "ip link set lo up && ip -6 addr show dev lo"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode == 0 and "::1" in result.stdout


@pytest.mark.skipif(not may_make_a_network(), reason="needs a network of its own with IPv6")
def test_number_that_is_taken_at_one_address_is_passed_over(start_bridge):
    through = ["unshare", "--net", sys.executable, "-c", NARROW]
    bridge = start(start_bridge, host=None, board=program("echo_bytes"), through=through)
    assert {bridge.port, bridge.socket_port} == {40003, 40007}


@pytest.mark.parametrize("word", ["Auto", "any", "-1", "0x"])
def test_other_words_are_no_ports(word):
    result = run_once(f"--port={word}")
    assert result.returncode == 2
    assert f"--port: {word} is neither auto nor a number from 0 to 65535" in result.stderr
