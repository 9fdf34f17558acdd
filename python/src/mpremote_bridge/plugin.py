"""The pytest plugin: options, fixtures, and the bridge's log with a test that failed."""

import os
import shutil
import sysconfig
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .board import Board
from .bridge import Programs
from .factory import BoardFactory

_SHOWN_LINES = 100  # of the log
_factory_key = pytest.StashKey[BoardFactory]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mpremote-bridge", "MicroPython boards of mpremote-bridge")
    group.addoption("--mpremote-bridge", metavar="PATH", help="mpremote-bridge executable")
    group.addoption("--micropython", metavar="PATH", help="MicroPython executable, of the unix port")
    group.addoption(
        "--mpremote-bridge-skip",
        action="store_true",
        help="where one of these is missing, skip the tests that need a board; without this they are errors",
    )
    parser.addini("mpremote_bridge", "mpremote-bridge executable")
    parser.addini("micropython", "MicroPython executable, of the unix port")
    parser.addini("mpremote_bridge_options", "more options of mpremote-bridge for every board", type="args", default=[])


@pytest.fixture(scope="session")
def micropython_board_factory(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoardFactory]:
    """Called with options of mpremote-bridge, starts a board that stays until the end of the session or its close()."""

    def make_folder() -> Path:
        return tmp_path_factory.mktemp("micropython-board")

    factory = BoardFactory(_find_programs(pytestconfig), make_folder, pytestconfig.getini("mpremote_bridge_options"))
    pytestconfig.stash[_factory_key] = factory
    yield factory
    with ExitStack() as at_the_end:
        for board in factory.boards:
            at_the_end.callback(board.close)


@pytest.fixture
def micropython_board(micropython_board_factory: BoardFactory) -> Iterator[Board]:
    """A new MicroPython with an empty file system, for this test alone."""
    with micropython_board_factory() as board:
        yield board


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fixtures = getattr(item, "fixturenames", ())
    if report.failed and "micropython_board_factory" in fixtures and _factory_key in item.config.stash:
        for board in item.config.stash[_factory_key].boards:
            log = "\n".join(board.log.splitlines()[-_SHOWN_LINES:])
            report.sections.append((f"log of mpremote-bridge, pid {board.pid}", log))
    return report


def _find_programs(config: pytest.Config) -> Programs:
    bridge = _find_program(config, "mpremote-bridge")
    return Programs(bridge, _find_program(config, "micropython"))


def _find_program(config: pytest.Config, name: str) -> str:
    """As the command line, the ini file or the environment says, or else beside this Python or on PATH."""
    ini = variable = name.replace("-", "_")
    variable = ini.upper()
    wanted = config.getoption(f"--{name}") or _ini_path(config, ini) or os.environ.get(variable)
    folders = [sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
    found = shutil.which(wanted or name, path=os.pathsep.join(folders))
    if found:
        return os.path.abspath(found)  # tests may change the directory
    missing = f"{wanted} is no executable" if wanted else f"{name} is neither beside this Python nor on PATH"
    advice = f"name one with --{name}, {ini} in the ini file or {variable} in the environment"
    if config.getoption("--mpremote-bridge-skip"):
        pytest.skip(missing)
    pytest.fail(f"{missing}; {advice}", pytrace=False)


def _ini_path(config: pytest.Config, name: str) -> Any:
    """A relative path with a slash starts at the root directory."""
    value = config.getini(name)
    return str(config.rootpath / value) if os.sep in value else value
