"""The link to the PTY port: a stable name, never taken from anybody, never left behind."""

import os
import shutil
import signal
import socket
import tempfile

import pytest
from support import processes, repl
from support.bridge import executable, free_ports, micropython, program, run_once
from support.device import (
    IS_ROOT,
    NOBODY,
    DeviceClient,
    device_path,
    error_of_opening,
    leave_exclusive_mode_behind,
    open_device,
    run_python,
)
from support.waiting import wait_until

only_root = pytest.mark.skipif(not IS_ROOT, reason="only root may do this")


@pytest.fixture
def folder(tmp_path):
    """A folder in which nothing but links of the test's bridges may be."""
    path = tmp_path / "links"
    path.mkdir()
    return path


def run_with_link(link, *options, board=None, **kwargs):
    port, socket_port = free_ports(2)
    words = ["-H", "localhost", "-p", port, "-s", socket_port, "--pty-link", link, *options]
    return run_once(*words, board or micropython(), **kwargs)


def talks(bridge, link):
    client = open_device(bridge, link)
    client.send(b"\r6*7\r")
    client.read_until(b"\r\n42\r\n>>> ")
    client.close()


# -- a stable name


def test_link_leads_to_the_device_and_goes_with_the_bridge(start_bridge, folder):
    link = folder / "board"
    bridge = start_bridge("-v", "--pty-link", link)
    assert os.readlink(link) == device_path(bridge)
    assert os.listdir(folder) == ["board"]
    talks(bridge, link)
    bridge.stop()
    assert os.listdir(folder) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_every_signal_removes_it_with_a_client_there_too(start_bridge, folder, number):
    bridge = start_bridge("-v", "--pty-link", folder / "board")
    repl.banner(open_device(bridge, folder / "board"))
    bridge.signal(number)
    assert bridge.wait() == 0
    assert os.listdir(folder) == []


def test_relative_path_is_relative_to_where_the_bridge_was_started(start_bridge, folder):
    bridge = start_bridge("-v", "--pty-link", "board", started_in=folder)
    assert os.readlink(folder / "board") == device_path(bridge)
    bridge.stop()
    assert os.listdir(folder) == []


def test_link_stays_through_soft_resets(start_bridge, folder):
    link = folder / "board"
    bridge = start_bridge("-v", "--pty-link", link)
    device = os.readlink(link)
    client = open_device(bridge, link)
    repl.banner(client)
    for _ in range(3):
        client.send(repl.RESET)
        client.read_until(repl.REBOOT)
        repl.banner(client)
    assert os.readlink(link) == device


def test_two_bridges_with_links_of_their_own(start_bridge, folder):
    bridges = [start_bridge("-v", "--pty-link", folder / name) for name in ("a", "b")]
    assert os.readlink(folder / "a") != os.readlink(folder / "b")
    for bridge, name in zip(bridges, ("a", "b")):
        talks(bridge, folder / name)
    bridges[0].stop()
    assert os.listdir(folder) == ["b"]


# -- what is there already


@pytest.mark.parametrize("target", ["/dev/pts/99999", "/dev/pts/0"])
def test_stale_link_is_replaced(start_bridge, folder, target):
    link = folder / "board"
    link.symlink_to(target)
    bridge = start_bridge("-v", "--pty-link", link)
    assert os.readlink(link) == device_path(bridge)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


OTHER_THINGS = {
    "file": lambda path: path.write_text("precious"),
    "directory": lambda path: path.mkdir(),
    "pipe": os.mkfifo,
    "socket": make_socket,
    "link-to-file": lambda path: path.symlink_to(__file__),
    "link-to-directory": lambda path: path.symlink_to("/tmp"),
    "link-to-other-device": lambda path: path.symlink_to("/dev/null"),
    "link-to-ptmx": lambda path: path.symlink_to("/dev/pts/ptmx"),
    "link-to-nothing": lambda path: path.symlink_to("/no/such/thing"),
    "link-beyond-the-folder": lambda path: path.symlink_to("/dev/pts/../null"),
}


@pytest.mark.parametrize("thing", OTHER_THINGS)
def test_anything_else_is_left_alone(folder, thing):
    path = folder / "board"
    OTHER_THINGS[thing](path)
    before = os.lstat(path)
    result = run_with_link(path)
    assert result.returncode == 1
    assert str(path) in result.stderr
    after = os.lstat(path)
    assert (before.st_ino, before.st_mtime, before.st_size) == (after.st_ino, after.st_mtime, after.st_size)
    assert os.listdir(folder) == ["board"]


@pytest.mark.parametrize("name", ["missing/board", "board/", "."])
def test_impossible_path_is_an_error(folder, name):
    result = run_with_link(f"{folder}/{name}")
    assert result.returncode == 1
    assert f"{folder}/{name}" in result.stderr
    assert os.listdir(folder) == []


@only_root
def test_folder_that_may_not_be_written_is_an_error():
    accessible()
    result = run_with_link("/usr/board", cwd="/", user=NOBODY, group=NOBODY, extra_groups=[])
    assert result.returncode == 1
    assert "/usr/board" in result.stderr and "denied" in result.stderr


@pytest.mark.parametrize("spelling", ["same", "through-a-link", "with-dots", "relative"])
def test_link_of_a_living_bridge_is_in_use(start_bridge, folder, spelling):
    link = folder / "board"
    bridge = start_bridge("-v", "--pty-link", link)
    device = os.readlink(link)
    other = folder.parent / "other"
    other.symlink_to(folder)
    name = {
        "same": link, "through-a-link": other / "board", "with-dots": f"{folder}/../links/./board",
        "relative": "board",
    }[spelling]  # fmt: skip
    result = run_with_link(name, cwd=folder)
    assert result.returncode == 1
    assert str(name) in result.stderr and "in use" in result.stderr
    assert os.readlink(link) == device
    talks(bridge, link)


def test_start_that_fails_leaves_no_link(folder, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    assert run_with_link(folder / "board", board=broken).returncode == 1
    assert os.listdir(folder) == []


def test_start_that_fails_for_its_ports_leaves_no_link(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run_once("-H", "127.0.0.1", "-p", port, "-s", 0, "--pty-link", folder / "board", micropython())
    assert result.returncode == 1
    assert os.listdir(folder) == []


def test_what_replaced_the_link_meanwhile_is_left_alone(start_bridge, folder):
    link = folder / "board"
    bridge = start_bridge("-v", "--pty-link", link)
    link.unlink()
    link.write_text("precious")
    bridge.stop()
    assert link.read_text() == "precious"


def test_removed_link_does_not_disturb_the_end(start_bridge, folder):
    bridge = start_bridge("-v", "--pty-link", folder / "board")
    (folder / "board").unlink()
    assert bridge.stop() == 0


# -- after a sudden end


def test_killed_bridge_is_replaced_at_once(start_bridge, folder):
    link = folder / "board"
    for _ in range(10):
        bridge = start_bridge("-v", "--pty-link", link)
        repl.banner(open_device(bridge, link))
        bridge.process.kill()
        bridge.wait()
    successor = start_bridge("-v", "--pty-link", link)
    assert os.readlink(link) == device_path(successor)
    talks(successor, link)
    successor.stop()
    assert os.listdir(folder) == []


def test_client_of_a_killed_bridge_sees_the_end(start_bridge, folder):
    bridge = start_bridge("-v", "--pty-link", folder / "board")
    client = open_device(bridge, folder / "board")
    repl.banner(client)
    bridge.process.kill()
    assert client.read_to_end() == b""


def test_bridge_that_ends_late_does_not_take_its_successors_link(start_bridge, folder):
    """The former one is only slow: it still has its claim, so a successor has to wait for it."""
    link = folder / "board"
    slow = start_bridge("-v", "--pty-link", link, board=program("stubborn"))
    slow.connect_raw().read_until(b"ready\n")
    slow.signal(signal.SIGTERM)
    results = []

    def succeeds():
        results.append(run_with_link(link, "--cwd", "/no/such/folder"))
        return "in use" not in results[-1].stderr

    wait_until(succeeds, "the claim ends with the bridge")
    assert slow.wait() == 0
    assert os.listdir(folder) == []


# -- a bridge without special rights


def accessible():
    code = "import os, sys; sys.exit(not all(os.access(path, os.X_OK) for path in sys.argv[1:]))"
    if run_python(code, executable(), micropython(), ordinary=True).returncode:
        pytest.skip("an ordinary user cannot execute the bridge or MicroPython here")


@pytest.fixture
def nobodys_folder():
    """pytest's own folders are root's."""
    path = tempfile.mkdtemp(prefix="mpb-e2e-")
    os.chown(path, NOBODY, NOBODY)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def nobodys_bridge(start_bridge, nobodys_folder):
    accessible()
    board = os.path.join(nobodys_folder, "board")
    os.mkdir(board)
    os.chown(board, NOBODY, NOBODY)
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return start_bridge("-v", "--pty-link", os.path.join(nobodys_folder, "link"), cwd=board, **user)


USE = """
import os, sys, select
device = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
os.write(device, b"\\r6*7\\r")
heard = b""
while not heard.endswith(b"\\r\\n42\\r\\n>>> "):
    assert select.select([device], [], [], 30)[0], heard
    heard += os.read(device, 4096)
"""


@only_root
def test_bridge_of_an_ordinary_user_serves_that_user(nobodys_bridge, nobodys_folder):
    link = os.path.join(nobodys_folder, "link")
    for _ in range(5):
        result = run_python(USE, link, ordinary=True)
        assert result.returncode == 0, result.stderr
    assert "made anew" not in nobodys_bridge.log_text()
    nobodys_bridge.stop()
    assert os.listdir(nobodys_folder) == ["board"]


@only_root
@pytest.mark.parametrize("end", ["exits", "killed"])
def test_exclusive_mode_left_behind_does_not_end_the_port(nobodys_bridge, nobodys_folder, end):
    link = os.path.join(nobodys_folder, "link")
    assert run_python(USE, link, ordinary=True).returncode == 0
    nobodys_bridge.wait_for_log("Disconnected")
    nobodys_bridge.wait_until_idle()
    files = kinds(nobodys_bridge)
    for number in range(50):
        device = os.readlink(link)
        leave_exclusive_mode_behind(link, end, ordinary=True)
        wait_until(lambda: error_of_opening(link) is None, f"the device can be opened again ({number})")
        if os.readlink(link) != device:
            nobodys_bridge.wait_for_log(f"WARNING.*made anew.*{os.readlink(link)} ")
    result = run_python(USE, link, ordinary=True)
    assert result.returncode == 0, result.stderr
    nobodys_bridge.wait_until_idle()
    assert kinds(nobodys_bridge) == files
    assert sorted(os.listdir(nobodys_folder)) == ["board", "link"]


def kinds(bridge):
    """Its descriptors, whatever the numbers of terminals are."""
    return sorted(target.rstrip("0123456789") for target in processes.open_files(bridge.pid).values())


@only_root
def test_exclusive_mode_of_one_of_two_programs(nobodys_bridge, nobodys_folder):
    """The other one still has the device open when the first is gone, and goes on with it."""
    link = os.path.join(nobodys_folder, "link")
    stays = open_device(nobodys_bridge, link)
    repl.banner(stays)
    leave_exclusive_mode_behind(link, "exits")
    nobodys_bridge.wait_until_idle()
    assert repl.typed(stays, "6*7") == b"42\r\n"
    stays.close()
    wait_until(lambda: error_of_opening(link) is None, "the device can be opened again")
    result = run_python(USE, link, ordinary=True)
    assert result.returncode == 0, result.stderr


@only_root
def test_network_clients_are_served_while_the_device_is_locked_out(nobodys_bridge, nobodys_folder):
    link = os.path.join(nobodys_folder, "link")
    for number in range(20):
        leave_exclusive_mode_behind(link, "exits", ordinary=True)
        client = nobodys_bridge.connect_raw()
        client.send(b"\r%d + 1000\r" % number)
        client.read_until(b"\r\n%d\r\n>>> " % (number + 1000))
        client.close()
        wait_until(lambda: error_of_opening(link) is None, f"the device can be opened again ({number})")
    assert "Rejected" not in nobodys_bridge.log_text()


@only_root
def test_program_in_exclusive_mode_is_not_thrown_off(nobodys_bridge, nobodys_folder):
    """Not even if it came right behind another one, and a third one comes for an instant."""
    link = os.path.join(nobodys_folder, "link")
    for number in range(20):
        DeviceClient(link).close()
        client = DeviceClient(link)
        client.exclusive()
        DeviceClient(link).close()
        nobodys_bridge.wait_until_idle()
        client.send(b"\r%d + 1000\r" % number)
        client.read_until(b"\r\n%d\r\n>>> " % (number + 1000))
        assert os.readlink(link) == os.ttyname(client.descriptor)
        client.close()
        wait_until(lambda: error_of_opening(link) is None, "the device can be opened again")
