"""The statically linked programs: they need nothing of the system, and tell what they therefore cannot do."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.bridge import REPOSITORY, Bridge, run_once
from support.installed import PROGRAMS

FOLDER = Path(os.environ.get("MPREMOTE_STATIC", REPOSITORY / "build/static/bin"))

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="scripts/build --static has not been run")

# Mounts what the kernel offers in the otherwise empty root, and goes there.
ENTER = """
mount --rbind /proc "$1/proc"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
exec chroot "$@"
"""
NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount"]
BUSYBOX = shutil.which("busybox")


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_is_linked_dynamically(program):
    read = subprocess.run(
        ["readelf", "-ldW", FOLDER / program], capture_output=True, text=True, check=True
    ).stdout
    assert "DYN (Position-Independent Executable file)" in read
    assert "INTERP" not in read and "NEEDED" not in read


@pytest.mark.parametrize("program", PROGRAMS)
def test_version_says_so(program):
    result = run_once("--version", binary=FOLDER / program)
    assert re.fullmatch(rf"{program} [\d.]+ \(static\)\n", result.stdout)


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("mpremote-bridge", ["-H", "board.example", "-p", "1", "-s", "0", "/bin/true"]),
        ("mpremote-attach", ["--once", "socket://board.example:1"]),
    ],
)
def test_host_names_are_an_error_that_tells_why(program, arguments):
    result = run_once(*arguments, binary=FOLDER / program)
    assert result.returncode == 1
    assert "statically linked" in result.stderr and "board.example" in result.stderr


def test_group_of_the_device_is_found_by_name(start_bridge, tmp_path):
    link = tmp_path / "port"
    start_bridge("--pty-link", link, "--pty-group", "root", binary=FOLDER / "mpremote-bridge")
    assert link.resolve().stat().st_gid == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_attach_reaches_localhost_and_addresses(start_bridge, start_attach, host, monkeypatch):
    monkeypatch.setenv("MPREMOTE_ATTACH", str(FOLDER / "mpremote-attach"))
    bridge = start_bridge("-v", "--no-pty", binary=FOLDER / "mpremote-bridge", host="localhost")
    start_attach(f"socket://{host}:{bridge.socket_port}", "--keep", "-v").wait_for_log("Connected to")


@pytest.fixture
def empty_root(tmp_path):
    """A root with the static bridge, a static program in MicroPython's place, and nothing else."""
    root = tmp_path / "root"
    for folder in ("bin", "dev/pts", "proc", "board"):
        (root / folder).mkdir(parents=True)
    (root / "dev/ptmx").symlink_to("pts/ptmx")
    shutil.copy2(FOLDER / "mpremote-bridge", root / "bin")
    shutil.copy2(BUSYBOX, root / "bin/cat")
    return root


def test_it_runs_in_an_empty_root(empty_root, request):
    if subprocess.run([*NAMESPACES, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("namespaces cannot be made here")
    through = [*NAMESPACES, "sh", "-ec", ENTER, "sh", empty_root]
    bridge = Bridge(
        "/board", "-v", binary="/bin/mpremote-bridge", board="/bin/cat", through=through, started_in=empty_root
    )
    request.addfinalizer(bridge.stop)
    client = bridge.connect_raw()
    client.send(b"Hello\n")
    client.read_until(b"Hello")
