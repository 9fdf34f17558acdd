"""The bridge's own options: ports, host, verbosity, help, version, and where MicroPython is looked for."""

import os
import re
import shutil
import socket

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, REPOSITORY, free_ports, program, run_once


def is_refused(port, host=LOCALHOST):
    with socket.socket() as sock:
        sock.settimeout(5)
        return sock.connect_ex((host, port)) != 0


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_shows_options_with_their_defaults(flag):
    result = run_once(flag)
    assert result.returncode == 0
    for word in ("MICROPYTHON_PATH", "--port PORT", "2217", "2218", "auto", "none", "all interfaces"):
        assert word in result.stdout, word


def test_help_and_readme_name_the_same_options():
    helped = set(re.findall(r"^ +(?:-\w,)?(--?[\w-]+)", run_once("--help").stdout, re.MULTILINE))
    readme = (REPOSITORY / "README.md").read_text()
    tables = readme[readme.index("## Options") : readme.index("### mpremote-attach")]
    assert helped == set(re.findall(r"^\| (?:`-\w`, )?`(--?[\w-]+)", tables, re.MULTILINE))


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_version_is_printed(flag):
    result = run_once(flag)
    assert result.returncode == 0
    assert re.search(r"mpremote-bridge.*\d+\.\d+", result.stdout)


@pytest.mark.parametrize(
    "spelling",
    [
        ["-p", "{p}", "-s", "{s}"],
        ["-p{p}", "-s{s}"],
        ["--port", "{p}", "--socket-port", "{s}"],
        ["--port={p}", "--socket-port={s}"],
    ],
    ids=" ".join,
)
def test_ports_can_be_given_in_every_spelling(start_bridge, spelling):
    port, socket_port = free_ports(2)
    # The last setting of an option would hide a wrong one, so the ports the fixture gives are the same.
    words = [word.format(p=port, s=socket_port) for word in spelling]
    bridge = start_bridge(port=port, socket_port=socket_port, command_ports=words)
    assert repl.banner(bridge.connect_rfc())
    bridge.clients[0].close()
    repl.fresh_prompt(bridge.connect_raw())


def test_socket_port_0_disables_the_raw_port(start_bridge):
    bridge = start_bridge("-v", socket_port=0)
    bridge.wait_for_log("Waiting for connection")
    assert "Raw socket" not in bridge.log_text()
    assert "socket://" not in bridge.log_text()
    assert repl.banner(bridge.connect_rfc())


def test_port_0_disables_rfc2217(start_bridge):
    bridge = start_bridge("-v", port=0)
    bridge.wait_for_log("Waiting for connection")
    assert "RFC 2217" not in bridge.log_text()
    assert repl.banner(bridge.connect_raw())


def test_host_limits_the_bridge_to_one_address(start_bridge):
    bridge = start_bridge(host="127.0.0.2")
    assert is_refused(bridge.socket_port) and is_refused(bridge.port)
    assert repl.banner(bridge.connect_raw(host="127.0.0.2"))


def test_host_takes_a_name_in_the_long_spelling(start_bridge):
    bridge = start_bridge("--host=localhost", host=None)
    assert repl.banner(bridge.connect_raw())


def test_default_host_is_every_interface(start_bridge):
    bridge = start_bridge(host=None)
    for host in (LOCALHOST, "127.0.0.2"):
        client = bridge.connect_raw(host=host)
        repl.fresh_prompt(client)
        client.close()


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_default_host_serves_ipv6_too(start_bridge, kind):
    bridge = start_bridge(host=None)
    assert repl.banner(bridge.connect(kind, host="::1"))


def test_nothing_goes_to_stdout(start_bridge):
    bridge = start_bridge("-vvv")
    repl.banner(bridge.connect_raw())
    bridge.signal(15)
    bridge.wait()
    assert bridge.process.stdout.read() == b""


# -- where MicroPython is looked for


def search_order(copied_bridge, tmp_path):
    on_path = tmp_path / "on_path"
    on_path.mkdir()
    return [
        copied_bridge.parent.parent / "ports" / "unix" / "build-standard" / "micropython",
        copied_bridge.parent / "micropython",
        on_path / "micropython",
    ]


@pytest.mark.parametrize("first", [0, 1, 2])
def test_micropython_is_looked_for_in_order(start_bridge, copied_bridge, tmp_path, first):
    places = search_order(copied_bridge, tmp_path)
    for place in places[first:]:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(program("fake_micropython"), place)
    path = f"{tmp_path / 'on_path'}:{os.environ['PATH']}"
    bridge = start_bridge("-v", binary=copied_bridge, board="", env={"PATH": path})
    found = bridge.wait_for_log("MicroPython executable: (.*)")[1]
    assert os.path.realpath(found) == str(places[first])
    assert b">>> " in repl.banner(bridge.connect_raw())


def test_the_error_names_all_places_looked_at(copied_bridge, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    port, socket_port = free_ports(2)
    result = run_once("-p", port, "-s", socket_port, env={"PATH": str(empty)}, binary=copied_bridge)
    assert result.returncode == 1
    assert "Error: MicroPython executable not found" in result.stderr
    assert "ports/unix/build-standard/micropython" in result.stderr
    assert str(copied_bridge.parent / "micropython") in result.stderr
    assert "PATH" in result.stderr


def test_the_board_runs_only_once(start_bridge):
    bridge = start_bridge("-v", "--standby", "0")
    repl.banner(bridge.connect_raw())
    assert len([pid for pid in processes.children(bridge.pid) if processes.is_running(pid)]) == 1
