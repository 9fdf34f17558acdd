"""Completions in the shells themselves: the options that --help tells of, and the values that fit them."""

import pytest
from support.installed import PROGRAMS, install, option_names
from support.shells import SHELLS

# Of different beginnings: shells complete a common one before they list anything.
FOLDERS = {"boards", "lib"}
FILES = {"app.py", "micropython"}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    return install(tmp_path_factory.mktemp("installed"), "/usr")


@pytest.fixture
def offered(prefix, tmp_path):
    """What a shell offers for a line, in a folder that has some folders and files; folders without the stroke."""
    cwd = tmp_path / "here"
    for folder in FOLDERS:
        (cwd / folder).mkdir(parents=True)
    for file in FILES:
        (cwd / file).touch()
    return lambda shell, line: {word.rstrip("/") for word in SHELLS[shell](prefix, line, cwd)}


every_shell = pytest.mark.parametrize("shell", SHELLS)


@every_shell
@pytest.mark.parametrize("program", PROGRAMS)
def test_options_are_exactly_those_of_help(offered, shell, program):
    assert offered(shell, f"{program} -") == option_names(program)


@every_shell
def test_beginning_of_an_option_narrows_them(offered, shell):
    names = {name for name in option_names("mpremote-bridge") if name.startswith("--pty-")}
    assert len(names) > 1
    assert offered(shell, "mpremote-bridge --pty-") >= names
    assert all(name.startswith("--pty-") for name in offered(shell, "mpremote-bridge --pty-"))


@every_shell
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mpremote-bridge --newline ", {"auto", "crlf", "raw"}),
        ("mpremote-bridge -p 0 --interrupt=", {"always", "auto", "never"}),
        ("mpremote-attach --parity ", {"even", "mark", "none", "odd", "space"}),
    ],
)
def test_words_of_an_option_are_offered(offered, shell, line, words):
    assert offered(shell, line) == words


@every_shell
def test_folders_are_offered_where_one_is_meant(offered, shell):
    assert offered(shell, "mpremote-bridge --cwd ") == FOLDERS


@every_shell
def test_files_are_offered_for_micropython_and_paths(offered, shell):
    for line in ("mpremote-bridge ", "mpremote-bridge --pty-link "):
        assert offered(shell, line) == FOLDERS | FILES
