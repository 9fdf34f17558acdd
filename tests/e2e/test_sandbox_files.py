"""A board in its cage as its client sees it: its own files as ever, and nothing else."""

import functools
import hashlib
import http.server
import json
import random
import subprocess
import threading

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, VENV_BIN
from support.session import Session, next_bytes

MPREMOTE = str(VENV_BIN / "mpremote")


@pytest.fixture
def outside(tmp_path):
    """A directory beside the board's, with what must not be touched."""
    path = tmp_path / "outside"
    (path / "sub").mkdir(parents=True)
    (path / "secret").write_text("secret content")
    return path


@pytest.fixture
def caged(start_bridge):
    return start_bridge("-v", "--sandbox")


@pytest.fixture
def free(start_bridge):
    return start_bridge("-v")


def state(folder):
    paths = [folder, *sorted(folder.rglob("*"))]
    return [(path, path.lstat()[:7], path.lstat().st_mtime_ns, path.lstat().st_ctime_ns) for path in paths]


# -- from inside


WHOLE_MACHINE = "import os, vfs\nvfs.mount(vfs.VfsPosix('/'), '/host')\n"
# {0} is the directory outside, by a path through a file system that begins at the machine's root.
ATTEMPTS = {
    "listdir": "os.listdir('{0}')",
    "ilistdir": "list(os.ilistdir('{0}'))",
    "read": "open('{0}/secret').read()",
    "read binary": "open('{0}/secret', 'rb').read()",
    "write": "open('{0}/secret', 'w')",
    "append": "open('{0}/secret', 'a')",
    "update": "open('{0}/secret', 'r+')",
    "create": "open('{0}/new', 'w')",
    "mkdir": "os.mkdir('{0}/new')",
    "rmdir": "os.rmdir('{0}/sub')",
    "remove": "os.remove('{0}/secret')",
    # By one relative path: MicroPython mixes up two absolute ones of a file system that begins below the root.
    "rename": "os.chdir('{0}')\nos.rename('secret', 'renamed')",
    "read after chdir": "os.chdir('{0}')\nopen('secret').read()",
    "list after chdir": "os.chdir('{0}')\nos.listdir()",
    "import": "import sys\nsys.path.append('{0}')\nimport module",
}


@pytest.fixture
def module(outside):
    (outside / "module.py").write_text("")


@pytest.mark.parametrize("code", ATTEMPTS.values(), ids=ATTEMPTS)
def test_nothing_outside_is_reached_through_a_file_system_of_ones_own(caged, free, outside, module, code):
    code = WHOLE_MACHINE + code.format(f"/host{outside}")
    before = state(outside)
    error = attempt(caged, code)
    assert b"OSError: " in error or b"ImportError: " in error, error
    assert state(outside) == before
    assert attempt(free, code) == b"", "it cannot be done without a cage either"


def attempt(bridge, code):
    """Runs code; returns its error text. Board and bridge are alive afterwards."""
    client = bridge.connect_raw()
    repl.banner(client)
    board = bridge.board_pid()
    repl.FriendlyMode.start(client, code)
    error = repl.FriendlyMode.finish(client)[1]
    assert repl.typed(client, "6*7") == b"42\r\n"
    assert bridge.board_pid() == board
    return error


@pytest.mark.parametrize(
    "code",
    [
        "os.listdir('..')", "os.listdir('/..')", "os.listdir('/../outside')", "os.chdir('/../outside'); os.listdir()",
        "open('../outside/secret').read()", "open('/../outside/secret').read()", "open('//..//outside/secret').read()",
    ],
)  # fmt: skip
def test_no_way_up(caged, start_bridge, outside, code):
    code = "import os; " + code
    assert b"OSError: " in attempt(caged, code)
    assert attempt(start_bridge("--board-root"), code) == b"", "nor is there one without a cage"


@pytest.mark.parametrize("names", ["'outside/secret', 'board/stolen'", "'board/own', 'outside/given'"])
def test_nothing_is_moved_across(caged, free, outside, names):
    (caged.cwd / "own").write_text("own")
    code = WHOLE_MACHINE + f"os.chdir('/host{outside.parent}')\nos.rename({names})"
    before = state(outside)
    assert b"OSError: " in attempt(caged, code)
    assert state(outside) == before and [path.name for path in caged.cwd.iterdir()] == ["own"]
    assert attempt(free, code) == b"", "it cannot be done without a cage either"


def attempt_again(bridge, code):
    client = bridge.clients[0] if bridge.clients else bridge.connect_raw()
    repl.fresh_prompt(client)
    repl.FriendlyMode.start(client, code)
    return repl.FriendlyMode.finish(client)[1]


def test_symbolic_link_leads_nowhere(caged, outside):
    (caged.cwd / "file").symlink_to(outside / "secret")
    (caged.cwd / "folder").symlink_to(outside)
    (caged.cwd / "relative").symlink_to("../outside/secret")
    for code in (
        "open('/file').read()", "open('/file', 'w')", "open('/relative').read()", "open('/folder/secret').read()",
        "os.listdir('/folder')", "os.remove('/folder/secret')", "open('/folder/new', 'w')",
    ):  # fmt: skip
        assert b"OSError: " in attempt_again(caged, "import os\n" + code), code
    assert (outside / "secret").read_text() == "secret content"


def test_shell_cannot_be_started(caged, outside):
    client = caged.connect_raw()
    repl.banner(client)
    assert repl.typed(client, "import os; os.system('touch shell')") == b"32512\r\n"
    assert list(caged.cwd.iterdir()) == []


def test_shell_can_be_started_without_a_cage(free):
    client = free.connect_raw()
    repl.banner(client)
    assert repl.typed(client, "import os; os.system('touch shell')") == b"0\r\n"
    assert (free.cwd / "shell").exists()


def test_socket_cannot_be_opened(caged, free):
    code = "import socket\ns = socket.socket()\ns.close()"
    assert b"OSError: " in attempt(caged, code)
    assert attempt(free, code) == b""


def test_socket_where_the_network_is_allowed(start_bridge):
    server = http.server.ThreadingHTTPServer((LOCALHOST, 0), http.server.BaseHTTPRequestHandler)
    bridge = start_bridge("--sandbox", "--sandbox-net")
    client = bridge.connect_raw()
    repl.banner(client)
    port = server.server_address[1]
    code = f"import socket\na = socket.getaddrinfo('{LOCALHOST}', {port})[0][-1]\ns = socket.socket()\ns.connect(a)\n"
    repl.run(client, repl.FriendlyMode, code + "s.close()")
    server.server_close()


# -- what works as ever


def test_own_files(caged):
    code = """
import os
os.mkdir('/sub')
with open('/sub/a', 'w') as f: x = f.write('hello')
with open('sub/a', 'a') as f: x = f.write(' again')
os.rename('sub/a', 'b')
os.mkdir('other')
os.rename('b', 'other/c')
os.chdir('/other')
print(open('c').read(), os.getcwd(), os.listdir('/'), os.stat('/other/c')[6], os.stat('c') == os.stat('/other/c'))
with open('c', 'r+b') as f:
    x = f.seek(1); x = f.write(b'E')
print(open('/other/c', 'rb').read(), os.statvfs('/')[0] > 0)
os.remove('c')
os.chdir('/')
os.rmdir('other')
os.rmdir('sub')
print(os.listdir())
"""
    client = caged.connect_raw()
    repl.banner(client)
    repl.enter_raw(client)
    output = repl.run(client, repl.RawMode, code).splitlines()
    assert output[0].startswith(b"hello again /other [") and output[0].endswith(b" 11 True")
    assert output[1:] == [b"b'hEllo again' True", b"[]"]


def test_threads(caged):
    code = "import _thread, time\ndone = []\nx = _thread.start_new_thread(done.append, (1,))\n"
    client = caged.connect_raw()
    repl.banner(client)
    repl.enter_raw(client)
    assert repl.run(client, repl.RawMode, code + "while not done: time.sleep_ms(1)\nprint(done)") == b"[1]\n"


def test_native_code(start_bridge):
    client = start_bridge("--sandbox", "-X", "emit=native").connect_raw()
    repl.banner(client)
    assert repl.typed(client, "print((lambda: 6*7)())") == b"42\r\n"


def test_interrupt(caged):
    client = caged.connect_raw()
    repl.banner(client)
    for code in ("while True: pass", "import time; time.sleep(1000)"):
        repl.FriendlyMode.start(client, "print('go' + 'ing')\n" + code)
        client.read_until(b"going")
        client.send(repl.INTERRUPT)
        assert b"KeyboardInterrupt" in repl.FriendlyMode.finish(client)[1]


# -- mpremote


@pytest.fixture
def mpremote(caged, kind):
    def run(*arguments):
        command = [MPREMOTE, "connect", caged.url(kind), *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, timeout=120, check=False)
        assert result.returncode == 0, (result.stdout, result.stderr, caged.log_text())
        return result.stdout

    return run


def test_mpremote_files(mpremote, caged, tmp_path):
    data = random.Random(1).randbytes(4000)
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(data)
    mpremote("fs", "mkdir", ":/folder", "+", "fs", "cp", there, ":/folder/copied", "+", "fs", "touch", ":empty")
    assert (caged.cwd / "folder" / "copied").read_bytes() == data
    assert b" empty\n" in mpremote("fs", "ls", ":/")
    digest = mpremote("fs", "sha256sum", ":/folder/copied", "+", "fs", "cp", ":/folder/copied", back)
    assert hashlib.sha256(data).hexdigest().encode() in digest
    assert back.read_bytes() == data
    mpremote("fs", "rm", ":/folder/copied", "+", "fs", "rmdir", ":/folder", "+", "fs", "rm", ":empty")
    assert list(caged.cwd.iterdir()) == []


def test_mpremote_copies_a_tree(mpremote, caged, tmp_path):
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "file").write_text("content")
    mpremote("fs", "cp", "-r", tmp_path / "tree", ":/")
    assert (caged.cwd / "tree" / "sub" / "file").read_text() == "content"


def test_mpremote_mount(mpremote, tmp_path):
    folder = tmp_path / "mounted"
    folder.mkdir()
    (folder / "values").write_bytes(bytes(range(256)))
    code = "f = open('written', 'w'); x = f.write('text'); f.close()\n"
    code += "print(open('values', 'rb').read() == bytes(range(256)))"
    assert b"True" in mpremote("mount", folder, "exec", code).splitlines()
    assert (folder / "written").read_text() == "text"


def test_mpremote_exec_run_and_soft_reset(mpremote, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("print(6*7)")
    assert mpremote("run", script) == b"42\n"
    assert mpremote("resume", "exec", "x = 1", "+", "soft-reset", "exec", "print('x' in globals())") == b"False\n"


@pytest.fixture
def package_index(tmp_path):
    """An index with one package, served to this machine."""
    content = b"def answer():\n    return 42\n"
    short_hash = hashlib.sha256(content).hexdigest()[:8]
    root = tmp_path / "index"
    description = {"v": 1, "version": "1.0", "hashes": [["answers/__init__.py", short_hash]]}
    files = {
        "package/py/answers/latest.json": json.dumps(description).encode(),
        f"file/{short_hash[:2]}/{short_hash}": content,
    }
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    handler = functools.partial(QuietHandler, directory=str(root))
    server = http.server.ThreadingHTTPServer((LOCALHOST, 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{LOCALHOST}:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_package_is_installed_where_it_is_found(mpremote, caged, package_index):
    mpremote("mip", "install", "--no-mpy", "--index", package_index, "answers")
    assert (caged.cwd / "lib" / "answers" / "__init__.py").exists()
    assert mpremote("exec", "import answers; print(answers.answer())") == b"42\n"


# -- resets


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode, kind", [("friendly", "socket"), ("raw", "rfc2217")])
def test_a_thousand_resets(start_bridge, mode, kind):
    bridge = start_bridge("-v", "--sandbox")
    session = Session(bridge, kind, mode)
    for _ in range(1000):
        session.client.send(repl.RESET + session.command)
        next_bytes(session.client, session.reset_text + session.answer)
    bridge.wait_for_spares()
    assert len(processes.children(bridge.pid)) == 2


def test_spare_takes_over_in_its_cage(caged, outside):
    session = Session(caged, "socket")
    for _ in range(3):
        [spare] = caged.wait_for_spares()
        session.reset()
        assert caged.board_pid() == spare
        code = WHOLE_MACHINE + f"os.listdir('/host{outside}')"
        repl.FriendlyMode.start(session.client, code)
        assert b"OSError: " in repl.FriendlyMode.finish(session.client)[1]


def test_file_system_that_was_left_is_gone_after_a_reset(caged):
    session = Session(caged, "socket")
    repl.run(session.client, repl.FriendlyMode, WHOLE_MACHINE)
    session.reset()
    assert repl.typed(session.client, "import os; os.listdir('/')") == b"[]\r\n"


@pytest.mark.parametrize("name", ["environ", "cmdline", "maps", "status"])
def test_proc_tells_nothing_of_the_bridge(caged, free, name):
    assert b"OSError: " in attempt(caged, WHOLE_MACHINE + f"open('/host/proc/{caged.pid}/{name}', 'rb').read()")
    assert attempt(free, WHOLE_MACHINE + f"open('/host/proc/{free.pid}/{name}', 'rb').read()") == b""
