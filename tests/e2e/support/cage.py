"""A program that tries to get out of its cage, and all that it could reach there."""

import errno
import os
import re
import resource
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .bridge import LOCALHOST, Bridge, executable
from .waiting import DEADLINE

FOLDER = Path(__file__).resolve().parents[1] / "cage"
SOURCES = sorted((FOLDER / "prober").glob("*.c"))
DENIALS = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTTY, errno.EXDEV, "SIGSYS"}

_PROBE = re.compile(r"^([A-Z]+)\((\w+)\)", re.MULTILINE)
_CRASH = re.compile(r"MPY: crashed \((SIG\w+)\)")


def probes(*kinds):
    """The names of the prober's probes of these kinds (see probe.h)."""
    found = [match for source in SOURCES for match in _PROBE.findall(source.read_text())]
    return [name for kind, name in found if kind in kinds]


ALL_PROBES = probes("DENIED", "UNFELT", "AGAIN", "ABSENT", "NETWORK", "NEEDED")
assert len(ALL_PROBES) == len(set(ALL_PROBES))


def build(folder):
    """Compiles the programs; returns the folder they are in."""
    options = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"]
    for name, sources in {
        "prober": SOURCES, "victim": [FOLDER / "victim.c"], "lacking": [FOLDER / "lacking.c"],
    }.items():  # fmt: skip
        subprocess.run(["cc", *options, "-o", folder / name, *sources, "-lrt"], check=True)
    return folder


def wrapper(path, *command):
    """An executable script that runs the bridge by this command."""
    path.write_text(f'#!/bin/sh\nexec {" ".join(map(str, command))} "$@"\n')
    path.chmod(0o755)
    return path


def lacking(programs, folder, what):
    """The bridge as on a kernel that lacks something."""
    return wrapper(folder / f"bridge-without-{what}", programs / "lacking", what, executable())


class Victim:
    """Another process of the same user, with memory, messages and a semaphore of its own."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        lines = iter(self.process.stdout.readline, b"\n")
        self.properties = dict(line.decode().split(maxsplit=1) for line in lines)

    def signals_felt(self):
        """How many signals have reached it; those sent before the question are counted."""
        self.process.stdin.write(b"?")
        return int(self.process.stdout.readline())

    def scheduling(self):
        pid = self.process.pid
        limits = [resource.prlimit(pid, limit) for limit in (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)]
        priority = os.getpriority(os.PRIO_PROCESS, pid)
        return limits, priority, os.sched_getaffinity(pid), os.sched_getscheduler(pid)

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(DEADLINE) == 0
        self.process.stdout.close()


@dataclass
class Answer:
    """What became of a probe: an errno, 0 for none, or the name of the signal that ended it; and who felt it."""

    error: int | str
    felt: int


class World:
    """The board's directory, files beside it, sockets, a terminal and a process: each probe finds its own files."""

    def __init__(self, programs, folder):
        self.prober = programs / "prober"
        self.outside, self.readable, self.board_dir = (folder / name for name in ("outside", "readable", "board"))
        for place in (self.outside, self.readable, self.board_dir):
            place.mkdir()
            self._fill(place)
        (self.outside / "remove_directory.directory").mkdir()
        self.victim = Victim(programs / "victim")
        self.sockets = self._open_sockets(folder)
        self.terminal = os.openpty()

    def _fill(self, place):
        for name in ALL_PROBES:
            path = place / name
            if name.startswith("execute_"):
                shutil.copy2(self.prober, path)
                continue
            path.write_text("secret\n")
            try:
                os.setxattr(path, "user.mark", b"")
            except OSError:
                pass  # the file system has none

    def _open_sockets(self, folder):
        self.properties = {"local": folder / "local", "local_datagram": folder / "datagram"}
        self.properties["abstract"] = f"mpremote-bridge-e2e-{os.getpid()}-{id(self)}"
        stream, datagram, abstract = (
            socket.socket(socket.AF_UNIX, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_STREAM)
        )
        stream.bind(str(self.properties["local"]))
        datagram.bind(str(self.properties["local_datagram"]))
        abstract.bind("\0" + self.properties["abstract"])
        stream.listen()
        abstract.listen()
        opened = [stream, datagram, abstract, socket.create_server((LOCALHOST, 0))]
        self.properties["port"] = opened[-1].getsockname()[1]
        if socket.has_ipv6:
            try:
                opened.append(socket.create_server(("::1", 0), family=socket.AF_INET6))
                self.properties["port6"] = opened[-1].getsockname()[1]
            except OSError:
                pass  # none here
        return opened

    def write_targets(self, bridge):
        properties = {
            **self.properties, **self.victim.properties, "bridge": bridge.pid, "outside": self.outside,
            "readable": self.readable, "terminal": os.ttyname(self.terminal[1]),
        }  # fmt: skip
        text = "".join(f"{key} {str(value).strip()}\n" for key, value in properties.items())
        (self.board_dir / "targets").write_text(text)

    def snapshot(self):
        """What must not change by anything done in a cage."""
        found = {"the victim": self.victim.scheduling()}
        for place in (self.outside, self.readable):
            for path in [place, *place.rglob("*")]:
                about = path.lstat()
                found[path] = (about.st_mode, about.st_nlink, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
        return found

    def end(self):
        self.victim.end()
        for end in self.terminal:
            os.close(end)
        for each in self.sockets:
            each.close()


class Attempt:
    """All probes, one after the other, by a prober behind a bridge with these options."""

    def __init__(self, programs, folder, *options, binary=None):
        self.world = World(programs, folder)
        try:
            self._run(options, binary)
        finally:
            self.world.end()

    def _run(self, options, binary):
        (self.world.board_dir / "targets").write_text("")
        bridge = Bridge(
            self.world.board_dir, "-v", "--standby", "0", *options, board=self.world.prober, binary=binary
        )
        try:
            self.world.write_targets(bridge)
            self._client = bridge.connect_raw()
            self._restart()
            before = self.world.snapshot()
            self.answers = {name: self._ask(name) for name in ALL_PROBES}
            after = self.world.snapshot()
        finally:
            bridge.stop()
        self.changed = {what for what in before.keys() | after.keys() if before.get(what) != after.get(what)}

    def _restart(self):
        """The prober that was started before there were targets gives way to another one."""
        self._client.read_until(b"ready\n")
        self._client.send(b"restart\n")
        self._client.read_until(b"ready\n")

    def _ask(self, name):
        felt = self.world.victim.signals_felt()
        self._client.send(name.encode() + b"\n")
        error = self._answer(name)
        return Answer(error, self.world.victim.signals_felt() - felt)

    def _answer(self, name):
        while True:
            line = self._client.read_until(b"\n").decode(errors="replace").strip()
            if crash := _CRASH.search(line):
                self._client.read_until(b"ready\n")
                return crash[1]
            if line.startswith(name + " "):
                return int(line.split()[1])

    def __getitem__(self, name):
        return self.answers[name]

