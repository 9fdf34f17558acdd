"""The log: word for word as in the specification's example session, on stderr, and only when asked for."""

import re

import pytest
from support import repl
from support.bridge import LOCALHOST, LOG_LINE, micropython, program


def in_order(wanted, lines):
    """Whether the wanted lines appear among the lines in this order."""
    rest = iter(lines)
    return all(any(line == want for line in rest) for want in wanted)


def start_messages(bridge, host="0.0.0.0", name="localhost"):
    return [
        "mpremote Bridge - type Ctrl-C to quit",
        f"MicroPython executable: {micropython()}",
        "MicroPython optimization: -OO",
        f"RFC 2217 server listening on {host}:{bridge.port}",
        f"  Connect with: mpremote connect rfc2217://{name}:{bridge.port}",
        f"Raw socket server listening on {host}:{bridge.socket_port}",
        f"  Connect with: mpremote connect socket://{name}:{bridge.socket_port}",
        "Persistent mode: MicroPython process persists across connections",
        f"Starting MicroPython: {micropython()} -O -O",
        "Waiting for connection...",
    ]


def test_start_as_in_the_example_session(start_bridge):
    bridge = start_bridge("-v", "-O", "-O", host=None)
    bridge.wait_for_log("Waiting for connection")
    assert in_order(start_messages(bridge), bridge.messages("INFO")), bridge.log_text()


def test_start_with_a_host_names_it(start_bridge):
    bridge = start_bridge("-v", "-O", "-O", host=LOCALHOST)
    bridge.wait_for_log("Waiting for connection")
    assert in_order(start_messages(bridge, LOCALHOST, LOCALHOST), bridge.messages("INFO")), bridge.log_text()


def test_without_optimization_none_is_mentioned(bridge):
    bridge.wait_for_log("Waiting for connection")
    assert "optimization" not in bridge.log_text()
    assert f"Starting MicroPython: {micropython()}" in bridge.messages("INFO")


def test_every_line_has_the_form_of_the_example(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    client.close()
    bridge.wait_for_log("Disconnected")
    assert all(LOG_LINE.match(line) for line in bridge.lines), bridge.log_text()


@pytest.mark.parametrize("host", [None, LOCALHOST], ids=["default-host", "host"])
def test_connection_rejection_and_disconnection(start_bridge, kind, host):
    bridge = start_bridge("-v", host=host)
    other = {"socket": "rfc2217", "rfc2217": "socket"}[kind]
    bridge.wait_for_log("Waiting for connection")
    client = bridge.connect(kind)
    repl.banner(client)
    refused = bridge.connect(other)
    refused.read_to_end()
    address = f"{LOCALHOST}:{client.local_port}"
    session = [
        "Waiting for connection...",
        f"Connected via {kind} by {address}",
        f"Rejected {other} connection from {LOCALHOST}:{refused.local_port} - device busy ({kind} client connected)",
        "Disconnected",
        "Waiting for connection...",
    ]
    client.close()
    bridge.wait_for_log("Waiting for connection", count=2)
    assert in_order(session, bridge.messages("INFO")), bridge.log_text()
    assert sum("Connected via" in message for message in bridge.messages()) == 1


def test_rejection_on_the_same_port_names_it_too(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    refused = bridge.connect(kind)
    refused.read_to_end()
    port = refused.local_port
    bridge.wait_for_log(
        rf"INFO - Rejected {kind} connection from {LOCALHOST}:{port} - device busy \({kind} client connected\)$"
    )


def test_nothing_is_logged_by_default(start_bridge, kind):
    bridge = start_bridge()
    client = bridge.connect(kind)
    repl.banner(client)
    bridge.connect(kind).read_to_end()
    client.close()
    bridge.signal(15)
    assert bridge.wait() == 0
    assert bridge.lines == []


@pytest.mark.parametrize("flag", ["-v", "--verbose"])
def test_one_v_shows_no_debug_lines(start_bridge, flag):
    bridge = start_bridge(flag)
    client = bridge.connect_rfc().agree_com_port()
    repl.banner(client)
    assert bridge.messages("INFO") and not bridge.messages("DEBUG")


@pytest.mark.parametrize("flags", [["-vv"], ["-v", "-v"], ["--verbose", "--verbose"]], ids=" ".join)
def test_two_v_add_protocol_events(start_bridge, flags):
    bridge = start_bridge(*flags)
    client = bridge.connect_rfc().agree_com_port()
    client.ask(1, (9600).to_bytes(4, "big"))
    bridge.wait_for_log("DEBUG - ")
    bridge.wait_for_log("9600")
    assert in_order(["Persistent mode: MicroPython process persists across connections"], bridge.messages("INFO"))


@pytest.mark.parametrize("flags", [["-vvv"], ["-v", "-vv"]], ids=" ".join)
def test_three_v_show_data_with_control_characters_made_visible(start_bridge, kind, flags):
    bridge = start_bridge(*flags)
    client = bridge.connect(kind)
    repl.banner(client)
    client.send(b"x = 987654\t\r")
    client.read_until(b"\r\n>>> ")
    bridge.wait_for_log("987654")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", bridge.log_text())
    assert bridge.messages("DEBUG")


def test_two_v_do_not_show_data(start_bridge):
    bridge = start_bridge("-vv")
    client = bridge.connect_raw()
    repl.banner(client)
    repl.typed(client, "x = 987654")
    client.close()
    bridge.wait_for_log("Disconnected")
    assert "987654" not in bridge.log_text()


def test_log_stays_one_line_per_event_whatever_a_client_sends(start_bridge):
    bridge = start_bridge("-vvv", board=program("echo_bytes"))
    client = bridge.connect_raw()
    client.send(bytes(range(256)))
    client.read_exact(256)
    client.close()
    bridge.wait_for_log("Disconnected")
    assert all(LOG_LINE.match(line) for line in bridge.lines), bridge.log_text()
