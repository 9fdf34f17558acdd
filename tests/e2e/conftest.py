"""Fixtures of the end-to-end tests: bridges that end with their test, and a last look that nothing stays."""

import os
import shutil
import uuid
from pathlib import Path

import pytest

pytest.register_assert_rewrite("support")

from support import attach, cage, processes  # noqa: E402
from support.bridge import Bridge, executable, micropython  # noqa: E402

RUN_MARKER = "MPBRIDGE_E2E_RUN"


def pytest_configure(config):
    """One mark for the whole run, inherited by the workers of xdist and by every process a test starts."""
    os.environ.setdefault(RUN_MARKER, uuid.uuid4().hex)


def pytest_sessionstart(session):
    programs = {
        "MPREMOTE_BRIDGE": executable(), "MPREMOTE_ATTACH": attach.executable(), "MICROPYTHON": micropython(),
    }  # fmt: skip
    for name, path in programs.items():
        if not os.access(path, os.X_OK):
            pytest.exit(f"{name}: {path} cannot be executed", returncode=2)


@pytest.fixture
def board_dir(tmp_path):
    """The directory the board starts in; everything a test lets the board write stays below it."""
    path = tmp_path / "board"
    path.mkdir()
    return path


@pytest.fixture
def start_bridge(board_dir):
    """Starts bridges; all of them are stopped, and checked for remains, when the test ends."""
    started = []

    def start(*options, cwd=None, **kwargs):
        bridge = Bridge(cwd or board_dir, *options, **kwargs)
        started.append(bridge)
        return bridge

    yield start
    problems = [problem for problem in map(_stop_quietly, started) if problem]
    assert not problems, "\n".join(problems)


@pytest.fixture
def start_attach(tmp_path):
    """Starts mpremote-attach with a link in the test's folder; all of them end as bridges do."""
    started = []

    def start(target, *options, link=tmp_path / "port", **kwargs):
        started.append(attach.Attach(target, *options, link=link, **kwargs))
        return started[-1]

    yield start
    problems = [problem for problem in map(_stop_quietly, started) if problem]
    assert not problems, "\n".join(problems)


def _stop_quietly(program):
    try:
        program.stop()
    except AssertionError as error:
        return str(error)
    return None


@pytest.fixture
def bridge(start_bridge):
    """A bridge with MicroPython and the log on, as most tests want it."""
    return start_bridge("-v")


@pytest.fixture(params=["socket", "rfc2217"])
def kind(request):
    """Both ways in."""
    return request.param


@pytest.fixture(autouse=True, scope="session")
def nothing_left_behind():
    """After the last test of this worker no process that a test of it started runs any more."""
    worker = f"{os.environ[RUN_MARKER]}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    os.environ["MICROPY_E2E_WORKER"] = worker
    yield
    mark = f"MICROPY_E2E_WORKER={worker}".encode()
    left = [pid for pid in processes.with_environment(mark) if pid != os.getpid()]
    assert not left, [(pid, processes.command_line(pid)) for pid in left]


@pytest.fixture(scope="session")
def cage_programs(tmp_path_factory):
    """The folder with the C programs that look at a cage from inside, compiled once for this worker."""
    return cage.build(tmp_path_factory.mktemp("cage"))


@pytest.fixture
def copied_bridge(tmp_path):
    """The bridge's executable in an otherwise empty tree, for everything found relative to it."""
    folder = tmp_path / "tree" / "bin"
    folder.mkdir(parents=True)
    return Path(shutil.copy2(executable(), folder / "mpremote-bridge"))


@pytest.fixture
def attached(start_bridge, start_attach, kind):
    """A bridge without a device of its own, and a device that mpremote-attach makes for it."""

    def start(*options, bridge_options=("-v",), **kwargs):
        bridge = start_bridge(*bridge_options, "--no-pty", **kwargs)
        return bridge, start_attach(bridge.url(kind), "-v", *options)

    return start
