"""What the bridge says, and how it ends, when it is started wrongly."""

import re
import socket
from pathlib import Path

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, free_ports, micropython, program, run_once


def run_bridge(*arguments, **kwargs):
    """Run with good ports, so that only what the test gives can be wrong."""
    port, socket_port = free_ports(2)
    return run_once("-H", LOCALHOST, "-p", port, "-s", socket_port, *arguments, **kwargs)


def lines_of(result):
    return result.stderr.splitlines()


def test_missing_executable(tmp_path):
    path = tmp_path / "no" / "micropython"
    result = run_bridge(path)
    assert f"Error: MicroPython executable not found: {path}" in lines_of(result)
    assert result.returncode == 1


def test_file_that_is_not_executable(tmp_path):
    path = tmp_path / "micropython"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o644)
    result = run_bridge(path)
    assert f"Error: MicroPython executable is not executable: {path}" in lines_of(result)
    assert result.returncode == 1


def test_directory_in_place_of_the_executable(tmp_path):
    result = run_bridge(tmp_path)
    assert any(line.startswith("Error: MicroPython executable") for line in lines_of(result))
    assert result.returncode == 1


def test_missing_working_directory(tmp_path):
    path = tmp_path / "gone"
    result = run_bridge("--cwd", path, micropython())
    assert f"Error: Working directory does not exist: {path}" in lines_of(result)
    assert result.returncode == 1


# -- it starts and fails at once


def only_error(result):
    """The one error, with the lines of the program's output that belong to it."""
    assert result.returncode == 1, result.stderr
    starts = [line for line in lines_of(result) if line.startswith("Error: ")]
    assert len(starts) == 1, result.stderr
    return result.stderr[result.stderr.index("Error: ") :]


def test_program_that_fails_at_once_is_quoted_with_its_status(board_dir):
    error = only_error(run_bridge("--cwd", board_dir, program("fail_at_once")))
    assert "cannot go on: reason 17" in error
    assert re.search(r"\b3\b", error)


def test_bad_micropython_option_shows_micropythons_own_words(board_dir):
    error = only_error(run_bridge("--cwd", board_dir, "--micropython-args=--no-such-option", micropython()))
    assert "Invalid command line arguments" in error
    assert re.search(r"\b1\b", error)


def test_program_for_another_architecture(board_dir, tmp_path):
    path = tmp_path / "foreign"
    elf_for_an_unknown_machine = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xfe\xff\x01\x00\x00\x00" + bytes(40)
    path.write_bytes(elf_for_an_unknown_machine)
    path.chmod(0o755)
    error = only_error(run_bridge("--cwd", board_dir, path))
    assert "Exec format error" in error or "exec" in error.lower()
    assert str(path) in error


# -- versions


def bridge_for_version(start_bridge, board_dir, banner):
    (board_dir / "banner").write_text(banner)
    bridge = start_bridge(board=program("fake_micropython"))
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(b"still there")
    client.read_until(b"still there")
    return bridge


def warnings_about_version(bridge):
    return [message for message in bridge.messages("WARNING") if "1.27" in message and "mpremote" in message]


@pytest.mark.parametrize("version", ["v1.26.1", "v1.9.4", "v1.20.0-123-gabcdef123", "v1.3", "v0.9.1"])
def test_old_micropython_runs_with_a_warning(start_bridge, board_dir, version):
    bridge = bridge_for_version(start_bridge, board_dir, f"MicroPython {version} on 2025-01-01; linux [GCC 12] version")
    bridge.wait_for_log(r"WARNING - .*mpremote.*1\.27")
    assert len(warnings_about_version(bridge)) == 1


@pytest.mark.parametrize("version", ["v1.27.0", "v1.28.0-preview.12.gabcdef123", "v1.100.0", "v2.0.0", "9458e3a23f"])
def test_new_micropython_gets_no_warning(start_bridge, board_dir, version):
    bridge = bridge_for_version(start_bridge, board_dir, f"MicroPython {version} on 2026-01-01; linux [GCC 14] version")
    assert not warnings_about_version(bridge)


def test_the_version_is_not_found_by_a_second_run(start_bridge, board_dir):
    bridge_for_version(start_bridge, board_dir, "MicroPython v1.26.1 on 2025-01-01; linux [GCC 12] version")
    assert (board_dir / "starts").read_text() == "[]\n"


# -- usage errors


def assert_usage_error(result, *names):
    assert result.returncode == 2, result.stderr
    assert any(name in result.stderr for name in names), result.stderr


@pytest.mark.parametrize("option", ["--no-such-option", "-Z", "--prot=2217"])
def test_unknown_option(option):
    assert_usage_error(run_once(option, micropython()), option.partition("=")[0])


@pytest.mark.parametrize("value", ["-1", "65536", "99999999999999999999", "abc", "22x", "", "2217.5"])
def test_bad_port(value):
    assert_usage_error(run_once(f"--port={value}", micropython()), "--port")


@pytest.mark.parametrize("value", ["-1", "65536", "abc"])
def test_bad_socket_port(value):
    assert_usage_error(run_once(f"--socket-port={value}", micropython()), "--socket-port")


def test_both_ports_disabled():
    assert_usage_error(run_once("-p", 0, "-s", 0, micropython()), "--port", "--socket-port")


def test_both_ports_equal():
    port = free_ports(1)[0]
    assert_usage_error(run_once("-p", port, "-s", port, micropython()), "--port", "--socket-port")


def test_one_port_equal_to_the_others_default():
    assert_usage_error(run_once("-p", 2218, micropython()), "--port", "--socket-port")


@pytest.mark.parametrize(
    "option", ["--interrupt=maybe", "--newline=lf", "--on-break=explode", "--replay=much", "--replay=-1"]
)
def test_bad_value(option):
    assert_usage_error(run_once(option, micropython()), option.partition("=")[0])


@pytest.mark.parametrize("option", ["--port", "--cwd", "-X", "--replay"])
def test_value_missing(option):
    assert_usage_error(run_once(option), option)


def test_two_executables_are_one_too_many():
    assert run_bridge(micropython(), micropython()).returncode == 2


# -- a port that cannot be bound


@pytest.mark.parametrize("taken", ["rfc2217", "socket"])
def test_taken_port_is_fatal_and_nothing_half_started_runs(board_dir, taken):
    with socket.create_server((LOCALHOST, 0)) as holder:
        busy = holder.getsockname()[1]
        other = free_ports(1)[0]
        ports = {"rfc2217": ("-p", busy, "-s", other), "socket": ("-p", other, "-s", busy)}[taken]
        result = run_once("-H", LOCALHOST, *ports, "--cwd", board_dir, program("exit_at_once"))
    assert result.returncode == 1
    error = only_error(result)
    assert re.search({"rfc2217": r"(?i)rfc ?2217", "socket": r"(?i)socket"}[taken], error)
    assert LOCALHOST in error and str(busy) in error and "Address already in use" in error
    assert not Path(board_dir, "starts").exists(), "the board was started although a port was missing"
    assert not processes.is_listening(other)


def test_address_of_another_machine_is_fatal(board_dir):
    port, socket_port = free_ports(2)
    result = run_once("-H", "192.0.2.1", "-p", port, "-s", socket_port, "--cwd", board_dir, micropython())
    error = only_error(result)
    assert "192.0.2.1" in error and "Cannot assign requested address" in error


def test_another_bridge_on_the_same_ports(bridge, board_dir):
    result = run_once(
        "-H", LOCALHOST, "-p", bridge.port, "-s", bridge.socket_port, "--cwd", board_dir, micropython()
    )
    assert result.returncode == 1
    repl.banner(bridge.connect_raw())
