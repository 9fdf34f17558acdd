"""Inside MicroPython `/` is the board's directory, as on a board, with and without a cage around it."""

import os
import subprocess

import pytest
from support import repl
from support.bridge import VENV_BIN, micropython, run_once
from support.session import Session

MPREMOTE = str(VENV_BIN / "mpremote")


@pytest.fixture(params=["--board-root", "--sandbox"])
def rooted(request, start_bridge):
    def start(*options, **kwargs):
        return start_bridge("-v", request.param, *options, **kwargs)

    return start


def client_of(bridge):
    client = bridge.connect_raw()
    repl.banner(client)
    return client


def value(client, expression):
    """What an expression is, by its repr()."""
    return repl.typed(client, expression).decode().rstrip("\r\n")


def test_search_path(rooted):
    assert value(client_of(rooted()), "import sys; sys.path") == "['', '.frozen', '/lib']"


def test_working_directory_is_the_root(rooted):
    assert value(client_of(rooted()), "import os; os.getcwd()") == "'/'"


def test_root_holds_what_is_in_the_directory_and_nothing_else(rooted, board_dir):
    (board_dir / "main.txt").write_text("content")
    (board_dir / "lib").mkdir()
    client = client_of(rooted())
    assert value(client, "import os; sorted(os.listdir('/'))") == "['lib', 'main.txt']"
    assert value(client, "sorted(os.listdir())") == "['lib', 'main.txt']"
    assert value(client, "open('/main.txt').read(), open('main.txt').read()") == "('content', 'content')"


def test_path_of_the_machine_does_not_exist(rooted, board_dir):
    client = client_of(rooted())
    assert value(client, f"import os; os.stat({str(board_dir)!r})").endswith("OSError: [Errno 2] ENOENT")
    assert value(client, "os.listdir('/proc')").endswith("OSError: [Errno 2] ENOENT")


def test_files_are_written_into_the_directory(rooted, board_dir):
    client = client_of(rooted())
    repl.typed(client, "f = open('/written', 'w'); f.write('text'); f.close()")
    assert (board_dir / "written").read_text() == "text"


def test_file_is_renamed_by_absolute_paths(start_bridge, rooted, board_dir):
    code = "import os, vfs; vfs.mount(vfs.VfsPosix(os.getcwd()), '/x'); os.rename('/x/file', '/x/renamed')"
    (board_dir / "file").touch()
    if "OSError" in value(client_of(start_bridge()), code):
        pytest.skip("this MicroPython cannot do it in a file system that begins below the root")
    repl.typed(client_of(rooted()), "import os; os.rename('/renamed', '/again')")
    assert (board_dir / "again").exists()


def test_module_in_lib_is_imported(rooted, board_dir):
    (board_dir / "lib").mkdir()
    (board_dir / "lib" / "answer.py").write_text("value = 42")
    (board_dir / "question.py").write_text("import answer")
    client = client_of(rooted())
    assert value(client, "import question; question.answer.value") == "42"


def test_frozen_module_is_imported(rooted):
    assert value(client_of(rooted()), "import asyncio; print('here')") == "here"


def test_nothing_is_left_in_the_globals(start_bridge, rooted):
    names = "sorted(globals())"
    assert value(client_of(rooted()), names) == value(client_of(start_bridge()), names)


def test_nothing_is_left_among_the_modules(start_bridge, rooted):
    names = "import sys; sorted(sys.modules)"
    assert value(client_of(rooted()), names) == value(client_of(start_bridge()), names)


def test_banner_is_micropythons_own(start_bridge, rooted):
    assert repl.banner(rooted().connect_raw()) == repl.banner(start_bridge().connect_raw())


def test_optimization_and_heap_are_as_asked(rooted):
    client = client_of(rooted("-OO", "-X", "heapsize=8M"))
    assert value(client, "import micropython; micropython.opt_level()") == "2"
    assert int(value(client, "import gc; gc.mem_free() + gc.mem_alloc()")) > 7 << 20


@pytest.mark.parametrize("mode", ["friendly", "raw"])
def test_soft_reset_comes_back_to_the_root(rooted, mode):
    session = Session(rooted(), "socket", mode)
    talk = {"friendly": repl.FriendlyMode, "raw": repl.RawMode}[mode]
    repl.run(session.client, talk, "import os, sys; os.mkdir('/sub'); os.chdir('/sub'); sys.path.append('x')")
    session.reset()
    output = repl.run(session.client, talk, "import os, sys; print(os.getcwd(), os.listdir('/'), sys.path)")
    assert output.strip() == b"/ ['sub'] ['', '.frozen', '/lib']"


def test_there_is_a_spare_and_it_has_the_same_root(rooted):
    bridge = rooted()
    session = Session(bridge, "socket")
    [spare] = bridge.wait_for_spares()
    session.reset()
    assert bridge.board_pid() == spare
    assert value(session.client, "import os; os.getcwd()") == "'/'"


@pytest.mark.parametrize(
    "name",
    [
        "it's", 'say "hello"', "back\\slash", "ends in backslash\\", "new\nline", "tab\tand bell\a",
        "gr\u00fc\u00dfe \u4e16\u754c",
        "{x!r} %s $HOME `id`", " leading and trailing ", "-c", "'''", '"""', "\\x41\\n", "\u007f", "#",
    ],
    ids=ascii,
)  # fmt: skip
def test_name_of_the_directory_does_not_matter(rooted, tmp_path, name):
    board_dir = tmp_path / name
    board_dir.mkdir()
    (board_dir / "here").touch()
    client = client_of(rooted(cwd=board_dir))
    assert value(client, "import os; os.getcwd(), os.listdir('/')") == "('/', ['here'])"


def test_name_that_is_no_utf8(rooted, tmp_path):
    board_dir = os.fsencode(tmp_path) + b"/\xff\xfe"
    os.mkdir(board_dir)
    client = client_of(rooted(cwd=os.fsdecode(board_dir)))
    assert value(client, "import os; os.getcwd(), os.listdir('/')") == "('/', [])"


def test_relative_directory(rooted, board_dir):
    client = client_of(rooted(cwd="board", started_in=board_dir.parent))
    repl.typed(client, "open('/file', 'w').close()")
    assert (board_dir / "file").exists()


def test_whole_root_can_be_removed_and_nothing_else(rooted, board_dir):
    """mpremote's way to empty a board; only ever tried where `/` is seen to be the board's own directory."""
    (board_dir / "sub").mkdir()
    (board_dir / "sub" / "file").touch()
    beside = board_dir.parent / "beside"
    beside.touch()
    bridge = rooted()
    client = client_of(bridge)
    assert value(client, "import os; os.listdir('/')") == "['sub']", "this is not the board's root: nothing is removed"
    client.close()
    command = [MPREMOTE, "connect", bridge.url("socket"), "resume", "fs", "rm", "-r", ":/sub"]
    subprocess.run(command, check=True, timeout=90, capture_output=True)
    assert list(board_dir.iterdir()) == [] and beside.exists()


# -- what does not go together


OWN_CODE = ["-c 'print(1)'", "-m module", "script.py", "-i -c pass", "-X heapsize=4M script.py"]


@pytest.mark.parametrize("arguments", OWN_CODE)
def test_code_of_ones_own_is_a_usage_error(board_dir, arguments):
    result = run_once("--cwd", board_dir, "--board-root", f"--micropython-args={arguments}", micropython())
    assert result.returncode == 2, result.stderr
    assert "--board-root" in result.stderr and "--micropython-args" in result.stderr


def test_code_of_ones_own_can_be_caged_and_sees_the_machines_paths(start_bridge, board_dir, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (board_dir / "own.py").write_text(
        f"import os\nprint(os.getcwd())\nprint(os.listdir())\nprint(open({str(tmp_path / 'secret')!r}).read())\n"
    )
    client = start_bridge("--sandbox", "--micropython-args=-i own.py").connect_raw()
    text = repl.banner(client)
    assert str(board_dir).encode() in text and b"['own.py']" in text and b"OSError" in text
    assert b"\nsecret" not in text


@pytest.mark.parametrize("arguments", ["-O", "-X heapsize=4M", "-v", "-i"])
def test_options_of_micropython_are_none(rooted, arguments):
    client = client_of(rooted(f"--micropython-args={arguments}"))
    assert "'/'" in value(client, "import os; os.getcwd()")
