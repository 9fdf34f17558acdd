"""How a cage comes about, what is said when it cannot, and that nobody gets out of it by ending."""

import os
import shlex
import shutil
import signal
from pathlib import Path

import pytest
from support import cage, processes, repl
from support.bridge import LOCALHOST, Bridge, free_ports, micropython, program, run_once
from support.waiting import wait_until

INTERPRETER = os.path.abspath(micropython())


def run_bridge(*arguments, **kwargs):
    port, socket_port = free_ports(2)
    return run_once("-H", LOCALHOST, "-p", port, "-s", socket_port, *arguments, **kwargs)


# -- usage


@pytest.mark.parametrize(
    "options",
    [
        ["--sandbox-path=/usr"],
        ["--sandbox-net"],
        ["--limit-memory=much"],
        ["--limit-memory=-1"],
        ["--limit-memory="],
        ["--limit-files=few"],
        ["--limit-files=-1"],
        ["--limit-file-size=big"],
        ["--limit-file-size=-1"],
    ],
    ids=" ".join,
)
def test_usage_error(options):
    result = run_bridge(*options, micropython())
    assert result.returncode == 2, result.stderr
    assert options[-1].partition("=")[0] in result.stderr


@pytest.mark.parametrize("option", ["--sandbox-path", "--limit-memory", "--limit-files", "--limit-file-size"])
def test_value_missing(option):
    result = run_bridge("--sandbox", option)
    assert result.returncode == 2 and option in result.stderr, result.stderr


def test_place_that_does_not_exist_is_no_silent_matter(board_dir, tmp_path):
    result = run_bridge("--cwd", board_dir, "--sandbox", "--sandbox-path", tmp_path / "gone", micropython())
    assert result.returncode in (1, 2)
    assert str(tmp_path / "gone") in result.stderr


def test_help_shows_the_options():
    text = run_once("--help").stdout
    for option in (
        "--sandbox", "--sandbox-path", "--sandbox-net", "--board-root", "--limit-memory", "--limit-files",
        "--limit-file-size",
    ):  # fmt: skip
        assert option in text, option


# -- a kernel that cannot


@pytest.mark.parametrize(
    "what, named",
    [("landlock", "Landlock"), ("landlock-off", "Landlock"), ("landlock=1", "Landlock"), ("seccomp", "seccomp")],
)
def test_kernel_without_what_a_cage_is_made_of(cage_programs, board_dir, tmp_path, what, named):
    binary = cage.lacking(cage_programs, tmp_path, what)
    result = run_bridge("--cwd", board_dir, "--sandbox", program("fake_micropython"), binary=binary)
    assert result.returncode == 1, result.stderr
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1 and named in errors[0], result.stderr
    assert not (board_dir / "starts").exists(), "the board was started all the same"


@pytest.mark.parametrize("what", ["landlock", "seccomp"])
def test_such_a_kernel_will_do_without_a_cage(start_bridge, cage_programs, tmp_path, what):
    bridge = start_bridge(binary=cage.lacking(cage_programs, tmp_path, what))
    repl.banner(bridge.connect_raw())


@pytest.mark.parametrize("version", [2, 3, 4, 5, 6])
def test_older_landlock_will_do(start_bridge, cage_programs, tmp_path, version):
    bridge = start_bridge("--sandbox", binary=cage.lacking(cage_programs, tmp_path, f"landlock={version}"))
    client = bridge.connect_raw()
    repl.banner(client)
    assert repl.typed(client, "import os; os.listdir('/')") == b"[]\r\n"


# -- what the process is given


def status_of(pid, *fields):
    return [processes.status(pid, field) for field in fields]


def started_board(bridge):
    """Once it has started: before, it is a copy of the bridge."""
    repl.banner(bridge.connect_raw())
    return bridge.board_pid()


def test_process_is_caged(start_bridge):
    bridge = start_bridge("--sandbox")
    [spare] = bridge.wait_for_spares()
    for pid in (bridge.board_pid(), spare):
        assert status_of(pid, "NoNewPrivs", "Seccomp") == ["1", "2"]
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        [core] = [line.split() for line in limits if line.startswith("Max core file size")]
        assert core[4:6] in (["0", "0"], ["1", "1"])
    assert status_of(bridge.pid, "NoNewPrivs", "Seccomp") == status_of(os.getpid(), "NoNewPrivs", "Seccomp")


def test_no_capability_but_the_one_to_write_files_of_others(start_bridge):
    dac_override = 1 << 1
    board = started_board(start_bridge("--sandbox"))
    sets = [int(value, 16) for value in status_of(board, "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
    inheritable, permitted, effective, bounding, ambient = sets
    assert inheritable == ambient == 0
    assert permitted | effective | dac_override == dac_override
    if os.geteuid() == 0:
        assert bounding | dac_override == dac_override


def test_environment(start_bridge):
    passed_on = {"HOME": "/here", "PATH": os.environ["PATH"], "TERM": "vt100", "LANG": "C", "MICROPYPATH": "/x"}
    bridge = start_bridge("--sandbox", env={**passed_on, "SECRET": "x", "LD_LIBRARY_PATH": "/", "MICRO": "x"})
    environment = Path(f"/proc/{started_board(bridge)}/environ").read_bytes().decode().split("\0")[:-1]
    found = dict(entry.split("=", 1) for entry in environment)
    ours = {name for name in found if name.startswith("MICROPY_E2E_")} | {"MICROPYTHON"}
    assert {name: found[name] for name in found if name not in ours} == passed_on


def test_without_a_cage_the_environment_is_passed_on(start_bridge):
    bridge = start_bridge(env={"SECRET": "x"})
    assert b"\0SECRET=x\0" in Path(f"/proc/{started_board(bridge)}/environ").read_bytes()


def test_descriptors(start_bridge):
    files = processes.open_files(started_board(start_bridge("--sandbox")))
    assert set(files) == {0, 1, 2} and len(set(files.values())) == 1


def test_old_and_new_board_alike_after_a_reset(start_bridge):
    bridge = start_bridge("--sandbox", "--standby", "0")
    client = bridge.connect_raw()
    repl.banner(client)
    for _ in range(3):
        board = bridge.board_pid()
        client.send(repl.RESET)
        client.read_until(repl.REBOOT)
        repl.banner(client)
        assert bridge.board_pid() != board
        assert status_of(bridge.board_pid(), "NoNewPrivs", "Seccomp") == ["1", "2"]


# -- programs


def lines_of_python_script():
    lines = Path(INTERPRETER).read_bytes().split(b"\n")
    if not lines[0].startswith(b"#!") or b"python" not in lines[0]:
        pytest.skip("this MicroPython is no Python script")
    return lines


def executable_script(path, *lines):
    path.write_bytes(b"\n".join(lines))
    path.chmod(0o755)
    return path


def answers(bridge):
    client = bridge.connect_raw()
    repl.banner(client)
    assert repl.typed(client, "6*7") == b"42\r\n"


def test_script_that_env_finds_the_interpreter_for(start_bridge, tmp_path):
    python, *rest = lines_of_python_script()
    folder, name = os.path.split(python.removeprefix(b"#!").strip())
    script = executable_script(tmp_path / "script", b"#!/usr/bin/env " + name, *rest)
    path = os.fsdecode(folder) + ":" + os.environ["PATH"]
    answers(start_bridge("--sandbox", board=script, env={"PATH": path}))


def test_script_that_a_shell_hands_to_a_python_with_a_long_path(start_bridge, tmp_path):
    """As pip writes them: the second line is the shell's, and a string for Python."""
    python, *rest = lines_of_python_script()
    path = python.removeprefix(b"#!").strip()
    head = [b"#!/bin/sh", b"'''exec' \"" + path + b'" "$0" "$@"', b"' '''"]
    answers(start_bridge("--sandbox", board=executable_script(tmp_path / "script", *head, *rest)))


def test_program_that_nothing_has_named_is_not_executed(board_dir, tmp_path):
    """What a script starts of its own accord cannot be foreseen. It is told, not hidden."""
    script = executable_script(tmp_path / "script", b"#!/bin/sh", f'exec {shlex.quote(INTERPRETER)} "$@"'.encode())
    result = run_bridge("--cwd", board_dir, "--sandbox", script)
    assert result.returncode == 1
    assert "Error: " in result.stderr and "Permission denied" in result.stderr


def test_script_of_scripts(start_bridge, tmp_path):
    """The kernel follows a few #! lines one after the other."""
    inner = executable_script(tmp_path / "inner", b"#!/bin/sh", b"echo inner; read -r _")
    outer = executable_script(tmp_path / "outer", f"#!{inner}".encode())
    start_bridge("--sandbox", board=outer).connect_raw().read_until(b"inner")


def test_native_executable(start_bridge, cage_programs, board_dir):
    (board_dir / "targets").touch()
    client = start_bridge("--sandbox", "--standby", "0", board=cage_programs / "prober").connect_raw()
    client.read_until(b"ready\n")


def test_native_micropython(start_bridge):
    found = shutil.which("micropython")
    if not found or not Path(found).read_bytes().startswith(b"\x7fELF"):
        pytest.skip("no native micropython on PATH")
    client = start_bridge("--sandbox", board=found).connect_raw()
    repl.banner(client)
    assert repl.typed(client, "import os; os.listdir('/')") == b"[]\r\n"


def test_executable_reached_by_symbolic_links(start_bridge, tmp_path):
    (tmp_path / "first").symlink_to(INTERPRETER)
    (tmp_path / "second").symlink_to("first")
    client = start_bridge("--sandbox", board=tmp_path / "second").connect_raw()
    repl.banner(client)


def test_working_directory_reached_by_a_symbolic_link(start_bridge, board_dir, tmp_path):
    (tmp_path / "link").symlink_to(board_dir)
    client = start_bridge("--sandbox", cwd=tmp_path / "link").connect_raw()
    repl.banner(client)
    repl.typed(client, "open('/file', 'w').close()")
    assert (board_dir / "file").exists()


def test_working_directory_that_is_not_given(start_bridge, board_dir):
    bridge = start_bridge("--sandbox", cwd=".", started_in=board_dir)
    client = bridge.connect_raw()
    repl.banner(client)
    repl.typed(client, "open('/file', 'w').close()")
    assert (board_dir / "file").exists()


@pytest.mark.parametrize("place", ["its own", "the one above"])
def test_working_directory_that_holds_the_program_is_refused(tmp_path, place):
    """Whoever may change the program from its cage runs another one at the next start."""
    folder = tmp_path / "folder" / "bin"
    folder.mkdir(parents=True)
    board = shutil.copy2(program("fake_micropython"), folder)
    cwd = folder if place == "its own" else folder.parent
    result = run_bridge("--cwd", cwd, "--sandbox", board)
    assert result.returncode == 1
    assert "Error: " in result.stderr and str(cwd) in result.stderr


# -- places to be read


def test_place_can_be_read_and_not_be_written(start_bridge, tmp_path):
    places = [tmp_path / name for name in ("one", "two words")]
    for place in places:
        (place / "below").mkdir(parents=True)
        (place / "below" / "file").write_text("content")
    options = [word for place in places for word in ("--sandbox-path", place)]
    client = start_bridge("--sandbox", *options).connect_raw()
    repl.banner(client)
    repl.typed(client, f"import os, vfs; vfs.mount(vfs.VfsPosix({str(tmp_path)!r}), '/host')")
    for place in places:
        path = f"/host/{place.name}/below"
        seen = repl.typed(client, f"os.listdir({path!r}), open({path!r} + '/file').read()")
        assert seen == b"(['file'], 'content')\r\n"
        for code in (f"open('{path}/file', 'w')", f"open('{path}/new', 'w')", f"os.remove('{path}/file')"):
            assert b"OSError: " in repl.typed(client, code)
        assert (place / "below" / "file").read_text() == "content"
    assert b"OSError: " in repl.typed(client, "os.listdir('/host')")


# -- ends


def test_killed_bridge_leaves_no_caged_process(start_bridge):
    bridge = start_bridge("-v", "--sandbox")
    [spare] = bridge.wait_for_spares()
    board = bridge.board_pid()
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(b"while True: pass\r\r\r")
    client.read_until(b"... \r\n")
    bridge.signal(signal.SIGKILL)
    bridge.wait()
    wait_until(lambda: not processes.is_running(board) and not processes.is_running(spare), "both have ended")


def test_killed_bridge_ends_a_caged_program_that_does_its_best_to_outlive_it(cage_programs, board_dir):
    (board_dir / "targets").touch()
    bridge = Bridge(board_dir, "--sandbox", "--standby", "0", board=cage_programs / "prober")
    board = bridge.board_pid()
    try:
        client = bridge.connect_raw()
        client.read_until(b"ready\n")
        client.send(b"outlive_the_bridge\n")
        client.read_until(b"outliving\n")
        bridge.signal(signal.SIGKILL)
        bridge.wait()
        wait_until(lambda: not processes.is_running(board), "the program has ended", 10)
    finally:
        processes.kill_marked(bridge.marker)
        bridge.stop()


def test_crash_in_the_cage_is_a_crash_of_the_board(start_bridge):
    bridge = start_bridge("-v", "--sandbox")
    client = bridge.connect_raw()
    repl.banner(client)
    for _ in range(2):
        bridge.wait_for_spares()
        client.send(b"import uctypes; uctypes.bytearray_at(8, 4)[0] = 1\r")
        client.read_until(b"MPY: crashed (SIGSEGV)\r\n")
        client.read_until(repl.REBOOT)
        repl.banner(client)
    assert repl.typed(client, "6*7") == b"42\r\n"
    assert list(bridge.cwd.iterdir()) == [], "a core file or the like"


def test_bridge_ends_as_ever(start_bridge):
    bridge = start_bridge("--sandbox")
    bridge.wait_for_spares()
    board = bridge.board_pid()
    bridge.signal(signal.SIGTERM)
    assert bridge.wait() == 0
    assert not processes.exists(board)
