"""--log-format json: each line of the log is one JSON object, whatever is in it."""

import json
import os
import re
import shutil
import socket

import pytest
from support import repl
from support.bridge import LOCALHOST, free_ports, micropython, program, run_once

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$")
LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR"}


def records(lines):
    found = [json.loads(line) for line in lines]
    for record in found:
        assert list(record) == ["time", "level", "message"]
        assert TIME.match(record["time"]), record
        assert record["level"] in LEVELS
    return found


def messages(lines):
    return [record["message"] for record in records(lines)]


def finish(bridge):
    bridge.signal(15)
    assert bridge.wait() == 0
    return bridge.lines


def test_messages_are_those_of_the_text(start_bridge, kind):
    bridge = start_bridge("-v", "--log-format", "json")
    client = bridge.connect(kind)
    repl.banner(client)
    port = client.local_port
    client.close()
    bridge.wait_for_log('"Disconnected"')
    said = messages(finish(bridge))
    assert said[0] == "mpremote Bridge - type Ctrl-C to quit"
    assert f"Connected via {kind} by {LOCALHOST}:{port}" in said


def test_text_is_the_default_and_can_be_asked_for(start_bridge):
    bridge = start_bridge("-v", "--log-format=text")
    bridge.wait_for_log("Waiting for connection")
    assert "Waiting for connection..." in bridge.messages("INFO")


def test_levels_are_named(start_bridge):
    bridge = start_bridge("-vv", "--log-format=json", board=program("exit_at_once"))
    bridge.wait_for_log('"WARNING"')
    assert {"INFO", "WARNING"} <= {record["level"] for record in records(finish(bridge))}


def test_all_bytes_of_the_data_may_be_in_it(start_bridge):
    bridge = start_bridge("-vvv", "--log-format=json", board=program("echo_bytes"))
    client = bridge.connect_raw()
    client.send(bytes(range(256)))
    client.read_exact(256)
    client.close()
    bridge.wait_for_log('"Disconnected"')
    said = "".join(messages(finish(bridge)))
    assert "\\x00" in said and "\\xff" in said and '!"#$' in said


def test_name_that_is_neither_text_nor_one_line(start_bridge, tmp_path):
    folder = os.fsencode(tmp_path) + b'/a\n\t"b"\\\xff\xc3\xbc'
    os.mkdir(folder)
    board = os.fsdecode(shutil.copy2(os.fsencode(program("fake_micropython")), folder + b"/micropython"))
    bridge = start_bridge("-v", "--log-format=json", board=board)
    bridge.wait_for_log("Waiting for connection")
    shown = f'{tmp_path}/a\n\t"b"\\\N{REPLACEMENT CHARACTER}ü/micropython'
    assert f"MicroPython executable: {shown}" in messages(finish(bridge))


@pytest.mark.parametrize(("zone", "offset"), [("XXX-5:30", "+05:30"), ("XXX8", "-08:00"), ("UTC0", "+00:00")])
def test_time_has_its_zone(start_bridge, zone, offset):
    bridge = start_bridge("-v", "--log-format=json", env={"TZ": zone})
    bridge.wait_for_log("Waiting for connection")
    assert all(record["time"].endswith(offset) for record in records(finish(bridge)))


def test_failure_to_start_is_a_line_of_it_too(board_dir):
    with socket.create_server((LOCALHOST, 0)) as holder:
        busy = holder.getsockname()[1]
        words = ["-H", LOCALHOST, "-p", busy, "-s", *free_ports(1), "--cwd", board_dir, "--log-format=json"]
        result = run_once(*words, micropython())
    assert result.returncode == 1
    (error,) = records(result.stderr.splitlines())
    assert error["level"] == "ERROR" and "Address already in use" in error["message"]


def test_usage_error_is_text(board_dir):
    result = run_once("--log-format=json", "--port=x")
    assert result.returncode == 2
    assert result.stderr.startswith("--port: x is neither")


def test_other_formats_are_usage_errors():
    result = run_once("--log-format=xml")
    assert result.returncode == 2
    assert "--log-format" in result.stderr
