"""The ready file: written when the first client would find a prompt, whole, and gone with the bridge."""

import json
import os
import stat

import pytest
from support import control, repl
from support.bridge import free_ports, micropython, program, run_once
from support.waiting import wait_until


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ready.json"


def ready(path):
    wait_until(path.exists, "the ready file is there")
    return json.loads(path.read_text())


def test_it_tells_all_that_a_script_needs(start_bridge, path, tmp_path):
    socket_path = tmp_path / "control.sock"
    bridge = start_bridge("-v", "--ready-file", path, "--control", socket_path, "--pty-link", tmp_path / "link")
    told = ready(path)
    state = control.status(socket_path)
    assert repl.banner(bridge.connect_raw()).split()[1].decode().endswith(told["micropython"])
    assert {name: state[name] for name in told} == told
    assert told == {
        "pty": os.path.realpath(tmp_path / "link"),
        "micropython": told["micropython"],
        "version": run_once("--version").stdout.split()[-1],
        "pid": bridge.pid,
        "rfc2217": {"port": bridge.port, "url": f"rfc2217://127.0.0.1:{bridge.port}"},
        "socket": {"port": bridge.socket_port, "url": f"socket://127.0.0.1:{bridge.socket_port}"},
        "pty_link": str(tmp_path / "link"),
        "control": str(socket_path),
    }


def test_the_first_prompt_is_there_when_it_is(start_bridge, path):
    bridge = start_bridge("--ready-file", path)
    ready(path)
    client = bridge.connect_raw()
    assert repl.banner(client).startswith(b"MicroPython ")


def test_what_is_not_there_is_null(start_bridge, path):
    start_bridge("--ready-file", path, "--no-pty", socket_port=0)
    told = ready(path)
    assert [told[name] for name in ("socket", "pty", "pty_link", "control")] == [None] * 4


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o077, 0o600), (0, 0o644)])
def test_its_mode_is_by_the_umask(start_bridge, path, mask, mode):
    start_bridge("--ready-file", path, preexec_fn=lambda: os.umask(mask))
    ready(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_it_goes_with_the_bridge_and_nothing_else_stays(start_bridge, path, tmp_path, board_dir):
    bridge = start_bridge("--ready-file", path)
    ready(path)
    assert bridge.stop() == 0
    assert [each for each in tmp_path.iterdir() if each != board_dir] == []


def test_one_that_is_another_s_by_now_stays(start_bridge, path):
    bridge = start_bridge("--ready-file", path)
    ready(path)
    path.unlink()
    path.write_text("another's")
    assert bridge.stop() == 0
    assert path.read_text() == "another's"


def test_a_former_one_does_not_tell_of_this_bridge(start_bridge, path, tmp_path):
    path.write_text('{"pid": 1}')
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    late = tmp_path / "late"
    late.write_text(f"#!/bin/sh\nread _ < {gate}\nexec {micropython()}\n")
    late.chmod(0o755)
    bridge = start_bridge("-v", "--ready-file", path, board=late)
    bridge.wait_for_log("Waiting for connection")
    assert not path.exists()
    gate.write_text("go\n")
    assert ready(path)["pid"] == bridge.pid


def test_a_bridge_that_ends_before_it_is_ready_writes_none(start_bridge, path):
    bridge = start_bridge("-v", "--ready-file", path, board=program("echo_bytes"))
    bridge.wait_for_log("Waiting for connection")
    assert bridge.stop() == 0
    assert not path.exists()


@pytest.mark.parametrize("place, reason", [("missing/ready.json", "No such file or directory"), (".", "")])
def test_one_that_cannot_be_written_is_an_error(tmp_path, place, reason):
    port, socket_port = free_ports()
    words = ["-H", "127.0.0.1", "-p", port, "-s", socket_port, "--ready-file", tmp_path / place]
    before = set(tmp_path.rglob("*"))
    result = run_once(*words, micropython())
    assert result.returncode == 1
    assert result.stderr.startswith(f"Error: Cannot write {tmp_path / place}: {reason}")
    assert set(tmp_path.rglob("*")) == before
