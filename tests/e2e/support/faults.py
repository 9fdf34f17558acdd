"""What a machine can run out of, and what it costs the daemon."""

import contextlib
import os
import shlex
import subprocess
import time

import pytest

from . import processes
from .waiting import wait_until

IS_ROOT = os.geteuid() == 0


# -- what a daemon has


class Footprint:
    """The descriptors and the memory of a process, to be compared with what it has later."""

    MEMORY_MIB = 4

    def __init__(self, pid):
        self.pid = pid
        self.files = len(processes.open_files(pid))
        self.memory = processes.memory_mib(pid)

    def check(self):
        """No more descriptors than before, once those of refused clients are closed, and hardly more memory."""
        wait_until(lambda: len(processes.open_files(self.pid)) <= self.files, "no descriptor has leaked")
        assert processes.memory_mib(self.pid) < self.memory + self.MEMORY_MIB


@contextlib.contextmanager
def without_spinning(pid):
    """A process that waits uses next to no time meanwhile, however long it is."""
    start, before = time.monotonic(), processes.cpu_seconds(pid)
    yield
    used, passed = processes.cpu_seconds(pid) - before, time.monotonic() - start
    assert used < 0.1 + passed / 10, f"{used:.2f} s on the CPU in {passed:.2f} s"


# -- what there is too little of


@contextlib.contextmanager
def limited(pid, what, value):
    """Give a running process less of something (as prlimit names it) for a while."""
    before = _prlimit(pid, f"--{what}", "--output=SOFT", "--noheadings", "--raw").strip()
    _prlimit(pid, f"--{what}={value}:")
    try:
        yield
    finally:
        if processes.is_running(pid):
            _prlimit(pid, f"--{what}={before}:")


def _prlimit(pid, *words):
    owner = os.stat(f"/proc/{pid}")  # root without all its capabilities may do it no other way
    command = ["prlimit", f"--pid={pid}", *words]
    user = {"user": owner.st_uid, "group": owner.st_gid}
    return subprocess.run(command, capture_output=True, text=True, check=True, **user).stdout


def no_more_descriptors(pid):
    """Whatever is open stays so, but nothing more can be opened."""
    return limited(pid, "nofile", 3)


def with_mounts(*mounts):
    """Words that run a program in a mount namespace of its own, after these commands."""
    user = [] if IS_ROOT else ["--map-root-user"]
    script = " && ".join([*mounts, 'exec "$0" "$@"'])
    words = ["unshare", "--mount", *user, "sh", "-c", script]
    probe = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {probe.stderr}")
    return words


def tmpfs(folder, options):
    return f"mount -t tmpfs -o {options} none {shlex.quote(str(folder))}"


def devpts(most):
    """A /dev/pts of one's own with so many terminals at most."""
    return f"mount -t devpts -o newinstance,ptmxmode=0666,mode=0600,max={most} none /dev/pts"


def allow_terminals(pid, most):
    """Change the number for a process that has such a /dev/pts."""
    user = [] if IS_ROOT else ["--user", "--preserve-credentials"]
    enter = ["nsenter", f"--target={pid}", "--mount", *user]
    subprocess.run([*enter, "mount", "-o", f"remount,max={most}", "none", "/dev/pts"], check=True)
