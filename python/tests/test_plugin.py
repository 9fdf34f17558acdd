"""The plugin as a project sees it: a pytest of its own in a directory of its own."""

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

MARK = "MICROPYTHON_BOARD_TESTS"
DEADLINE = 20.0
USES_BOARD = "def test_board(micropython_board): assert micropython_board.eval('6 * 7') == 42"
BRIDGE, MICROPYTHON = (pytest.param(name, id=name) for name in ("mpremote-bridge", "micropython"))


@pytest.fixture(autouse=True)
def nothing_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process that the test's pytest has started runs after it."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv(MARK, mark)
    yield
    end = time.monotonic() + DEADLINE
    while left := [path.parent for path in Path("/proc").glob("[0-9]*/environ") if _has_mark(path, mark)]:
        assert time.monotonic() < end, [(path / "cmdline").read_bytes() for path in left]


def _has_mark(environment: Path, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in environment.read_bytes().split(b"\0")
    except OSError:
        return False


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return pytester


def variable(name: str) -> str:
    return name.upper().replace("-", "_")


@pytest.fixture
def programs_in_no_usual_place(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Links to the programs, where neither the environment nor PATH leads."""
    links = {}
    for name in ("mpremote-bridge", "micropython"):
        target = os.environ[variable(name)]
        monkeypatch.delenv(variable(name))
        links[name] = project.path / f"my-{name}"
        links[name].symlink_to(target)
    monkeypatch.setenv("PATH", str(project.path))
    return {name: str(link) for name, link in links.items()}


# -- boards end


def test_nothing_stays_of_tests_that_pass_and_fail(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_passes(micropython_board): pass
        def test_fails(micropython_board): assert micropython_board.eval("1") == 2
        def test_stays_busy(micropython_board):
            micropython_board.exec("while True: pass", timeout=0.2)
        def test_leaves_a_board_open(micropython_board_factory): micropython_board_factory()
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=2, failed=2)


def test_a_bridge_that_dies_fails_its_test_only(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import os, signal
        def test_dies(micropython_board):
            os.kill(micropython_board.pid, signal.SIGKILL)
            micropython_board.exec("pass")
        def test_next(micropython_board): micropython_board.exec("pass")
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*BridgeError: mpremote-bridge ended by signal 9"])


def test_a_program_that_shows_no_prompt_is_an_error_with_the_log(project: pytest.Pytester) -> None:
    project.makeconftest("import mpremote_bridge.bridge as bridge; bridge._START_DEADLINE = 0.5")
    silent = project.path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 600\n")
    silent.chmod(0o755)
    project.makepyfile(USES_BOARD)
    result = project.runpytest_subprocess(f"--micropython={silent}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*BridgeError: mpremote-bridge was not ready within *; its log:"])


# -- reports


def test_a_failure_shows_the_log_of_its_own_board(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_passes(micropython_board): print(f"not {micropython_board.port}")
        def test_fails(micropython_board): assert micropython_board.eval("1") == 2
        def test_fails_without_a_board(): assert False
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*- log of mpremote-bridge, pid * -*", "*Raw socket server listening on 127.0.0.1:*"])
    assert result.stdout.str().count("log of mpremote-bridge") == 1


def test_a_board_error_shows_the_traceback_of_the_board(project: pytest.Pytester) -> None:
    project.makepyfile("def test_fails(micropython_board): micropython_board.exec('print(1)\\n1 / 0')")
    result = project.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E * the code raised an exception on the board:",
            "E * Traceback (most recent call last):",
            'E *   File "<stdin>", line 2, in <module>',
            "E * ZeroDivisionError: divide by zero",
            "E * Before that it printed:",
            "test_a_board_error_shows_the_traceback_of_the_board.py:1: BoardError",
        ]
    )


# -- finding the programs


@pytest.mark.parametrize("name", [BRIDGE, MICROPYTHON])
@pytest.mark.usefixtures("programs_in_no_usual_place")
def test_a_missing_program_is_an_error_that_says_what_to_do(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(variable(name), "no/such/program")
    project.makepyfile(USES_BOARD)
    result = project.runpytest_subprocess(*_other_program(project, name))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            f"no/such/program is no executable; name one with --{name}, {name.replace('-', '_')} in the ini file or "
            f"{variable(name)} in the environment"
        ]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.usefixtures("programs_in_no_usual_place")
def test_a_program_that_is_nowhere_is_an_error(project: pytest.Pytester) -> None:
    project.makepyfile(USES_BOARD)
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mpremote-bridge is neither beside this Python nor on PATH; name one with *"])


@pytest.mark.parametrize("name", [BRIDGE, MICROPYTHON])
@pytest.mark.usefixtures("programs_in_no_usual_place")
def test_tests_without_a_program_are_skipped_on_request(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(variable(name), "no/such/program")
    project.makepyfile(USES_BOARD, "def test_other(): pass")
    result = project.runpytest_subprocess("--mpremote-bridge-skip", "-rs", *_other_program(project, name))
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * no/such/program is no executable"])


def _other_program(project: pytest.Pytester, name: str) -> list[str]:
    return [f"--{other}={project.path}/my-{other}" for other in ("mpremote-bridge", "micropython") if other != name]


def test_programs_come_from_the_command_line(
    project: pytest.Pytester, programs_in_no_usual_place: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = [f"--{name}={path}" for name, path in programs_in_no_usual_place.items()]
    for name in programs_in_no_usual_place:
        monkeypatch.setenv(variable(name), "no/such/program")
    project.makepyfile(USES_BOARD)
    project.runpytest_subprocess(*options).assert_outcomes(passed=1)


@pytest.mark.usefixtures("programs_in_no_usual_place")
def test_programs_and_options_come_from_the_ini_file(project: pytest.Pytester) -> None:
    project.makeini(
        """
        [pytest]
        mpremote_bridge = ./my-mpremote-bridge
        micropython = ./my-micropython
        mpremote_bridge_options = -X "heapsize=4M"
        """
    )
    folder = project.mkdir("deeper")
    (folder / "test_board.py").write_text(f"{USES_BOARD}; assert 'heapsize=4M' in micropython_board.log\n")
    os.chdir(folder)
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_programs_come_from_path(
    project: pytest.Pytester, programs_in_no_usual_place: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.mkdir("bin")
    for name, path in programs_in_no_usual_place.items():
        (folder / name).symlink_to(path)
    monkeypatch.setenv("PATH", str(folder))
    project.makepyfile(USES_BOARD)
    project.runpytest_subprocess().assert_outcomes(passed=1)


# -- several at once


def test_workers_of_xdist_do_not_disturb_each_other(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        @pytest.mark.parametrize("number", range(8))
        def test_board(micropython_board, number):
            micropython_board.exec(f"open('{number}', 'w').close()")
            assert [path.name for path in micropython_board.root.iterdir()] == [str(number)]
        """
    )
    project.runpytest_subprocess("-n", "2").assert_outcomes(passed=8)
