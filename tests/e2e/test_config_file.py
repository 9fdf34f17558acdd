"""--config and --print-config: options from a file, those of the command line first."""

import json
import os
import re
import tomllib

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, free_ports, micropython, run_once
from support.config import example_in_force, in_force

REQUESTS = {"status", "json", "kick", "reset", "metrics"}
ONLY_ON_THE_COMMAND_LINE = {"help", "version", "config", "print-config", *REQUESTS}


@pytest.fixture
def config(tmp_path):
    """Writes a configuration file and returns its name."""

    def write(text):
        path = tmp_path / "bridge.toml"
        path.write_text(text)
        return path

    return write


def helped_keys():
    """The options of --help, by their names in a file."""
    text = run_once("--help").stdout
    long_or_only = re.findall(r"^ +(?:-\w,)?--?([\w-]+)", text, re.MULTILINE)
    return {*long_or_only, "micropython"}


def toml_string(value):
    return json.dumps(str(value))


def test_bridge_runs_as_the_file_says(start_bridge, config, board_dir, tmp_path):
    port, socket_port = free_ports(2)
    link = tmp_path / "port"
    path = config(
        f'micropython = {toml_string(micropython())}\nhost = "{LOCALHOST}"\nport = {port}\nverbose = 1\n'
        f"socket-port = {socket_port}\npty-link = {toml_string(link)}\nO = 2\ncwd = {toml_string(board_dir)}\n"
    )
    bridge = start_bridge(
        host=None, port=port, socket_port=socket_port, command_ports=["--config", path], board="",
    )  # fmt: skip
    assert repl.banner(bridge.connect_rfc())
    assert link.is_symlink()
    assert bridge.wait_for_log("MicroPython optimization: -OO")
    assert "-OO" in processes.command_line(bridge.board_pid())


def test_command_line_replaces_the_file(start_bridge, config):
    path = config(f"port = 1\nsocket-port = 1\nverbose = 3\ncwd = {toml_string(os.sep)}\nallow = ['192.0.2.1']\n")
    bridge = start_bridge("-v", "--allow", LOCALHOST, "--config", path)
    assert repl.banner(bridge.connect_raw())
    assert bridge.messages("INFO") and not bridge.messages("DEBUG")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\nprot = 1\n", 2, ["prot", "unknown key"]),
        ("port = 65536\n", 1, ["port", "65536"]),
        ("host = 1\n", 1, ["host", "must be a string"]),
        ("verbose = 1\n\nport = [\n", 3, []),
        ("config = 'other'\n", 1, ["config", "command line only"]),
    ],
    ids=["unknown", "value", "type", "syntax", "not-here"],
)
def test_mistake_is_a_usage_error_with_its_line(config, text, line, words):
    path = config(text)
    result = run_once("--config", path, micropython())
    assert result.returncode == 2
    first = result.stderr.splitlines()[0]
    assert first.startswith(f"{path}:{line}: ")
    assert all(word in first for word in words), first


@pytest.mark.parametrize(
    ("name", "reason"), [("missing.toml", "No such file or directory"), (".", "Is a directory")]
)
def test_file_that_cannot_be_read_is_a_usage_error(tmp_path, name, reason):
    result = run_once("--config", tmp_path / name, micropython())
    assert result.returncode == 2
    assert result.stderr.startswith(f"Cannot read {tmp_path / name}: {reason}\n")


def test_version_does_not_need_the_file(tmp_path):
    assert run_once("--config", tmp_path / "missing.toml", "--version").returncode == 0


# -- what is in force


def test_each_value_is_shown_with_where_it_comes_from(config):
    path = config("# mine\nport = 3000\nallow = ['::1', '10.0.0.0/8']\n")
    shown = in_force("--config", path, "-vv", "--no-pty")
    assert shown["port"] == ("3000", f"{path}:2")
    assert shown["allow"] == ('["::1", "10.0.0.0/8"]', f"{path}:3")
    assert shown["verbose"] == ("2", "command line")
    assert shown["no-pty"] == ("true", "command line")
    assert shown["socket-port"] == ("2218", "default")


def test_what_is_printed_is_valid_toml_and_gives_the_same_again(config):
    directory = "a\n\"b\"'\\"
    words = ["-p", "auto", "-s", "0", "-H", "::1", "-OO", "-X", "heapsize=4M", "--replay", "64K", "--sandbox"]
    more = ["--cwd", directory, "--micropython-args", "-c 'print(\"#\")'"]
    first = run_once(*words, *more, "--print-config").stdout
    again = run_once("--config", config(first), "--print-config").stdout
    assert tomllib.loads(again) == tomllib.loads(first)
    assert tomllib.loads(first)["cwd"] == directory
    assert tomllib.loads(first)["replay"] == 65536


def test_a_wrong_option_is_told_in_place_of_the_others():
    result = run_once("-p", "x", "--print-config")
    assert (result.returncode, result.stdout) == (2, "")


# -- the example


def test_example_has_every_option_of_the_help():
    assert set(tomllib.loads(example_in_force())) == helped_keys() - ONLY_ON_THE_COMMAND_LINE


def test_example_shows_the_defaults(config):
    path = config(example_in_force())
    from_file = in_force("--config", path)
    defaults = in_force()
    assert {key: value for key, (value, _) in from_file.items()} == {key: value for key, (value, _) in defaults.items()}
    assert all(origin.startswith(f"{path}:") for _, origin in from_file.values())
