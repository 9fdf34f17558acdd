"""Who is measured: this bridge and its peers, each started with the program to serve."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from suite import processes, tcp_ports
from suite.row import BRIDGE

RAW = "raw"
RFC2217 = "rfc2217"
LOCALHOST = "127.0.0.1"

COMPILED = ("socat", "ser2net", "relay")
"""The peers that are no bridges in Python."""

# Without the option it waits for more characters before it sends one.
_SER2NET = """%YAML 1.1
---
connection: &raw
  accepter: tcp(nodelay=true),{host},{port}
  connector: pty(raw),{program}
  options:
    chardelay: false
"""


@dataclass(frozen=True)
class Server:
    """A subject that runs."""

    pid: int
    ports: dict[str, int]
    """By protocol."""
    folder: Path
    log: Path

    def line(self, protocol: str = RAW) -> str:
        """How bench_client is told to connect."""
        return f"{protocol}:{self.ports[protocol]}"


class Subject(Protocol):
    """A program that serves another one's terminal."""

    @property
    def name(self) -> str: ...

    @property
    def protocols(self) -> tuple[str, ...]: ...

    def command(self, program: Path, ports: dict[str, int], folder: Path) -> list[str]:
        """What to start; `folder` is there for its files and removed in the end."""


@dataclass(frozen=True)
class Command:
    """This bridge, or a peer that is started like it."""

    name: str
    words: tuple[str, ...]
    protocols: tuple[str, ...] = (RAW, RFC2217)

    def with_options(self, *options: str) -> Command:
        return replace(self, words=(*self.words, *options))

    def command(self, program: Path, ports: dict[str, int], folder: Path) -> list[str]:
        where = ["-H", LOCALHOST, "-p", str(ports.get(RFC2217, 0)), "-s", str(ports[RAW])]
        return [*self.words, *where, "--cwd", str(folder), str(program)]


@dataclass(frozen=True)
class Socat:
    """Serves one connection; the program starts with it."""

    name: str = "socat"
    protocols: tuple[str, ...] = (RAW,)

    def command(self, program: Path, ports: dict[str, int], folder: Path) -> list[str]:
        listen = f"TCP-LISTEN:{ports[RAW]},bind={LOCALHOST},reuseaddr,nodelay"
        return ["socat", listen, f"EXEC:{program},pty,rawer,setsid,ctty"]


@dataclass(frozen=True)
class Ser2net:
    """Starts the program at each connection. Over RFC 2217 it serves only real serial ports."""

    name: str = "ser2net"
    protocols: tuple[str, ...] = (RAW,)

    def command(self, program: Path, ports: dict[str, int], folder: Path) -> list[str]:
        configuration = folder / "ser2net.yaml"
        configuration.write_text(_SER2NET.format(host=LOCALHOST, port=ports[RAW], program=program))
        return ["/usr/sbin/ser2net", "-n", "-u", "-c", str(configuration)]


def bridge(executable: Path) -> Command:
    return Command(BRIDGE, (str(executable),))


def ready_peers(tools: Path) -> tuple[Subject, ...]:
    """Those that need nothing from the user, as far as they are installed."""
    in_python = Path(__file__).with_name("python_bridge.py")
    peers: list[Subject] = []
    if shutil.which("socat"):
        peers.append(Socat())
    if Path("/usr/sbin/ser2net").exists():
        peers.append(Ser2net())
    return (
        *peers,
        Command("relay", (str(tools / "bench_relay"),), (RAW,)),
        Command("python", (sys.executable, str(in_python))),
    )


@contextmanager
def serving(subject: Subject, program: Path) -> Iterator[Server]:
    """Runs the subject from when it listens; nothing of it is left afterwards."""
    ports = dict(zip(subject.protocols, tcp_ports.free(len(subject.protocols))))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        log = folder / "log"
        command = subject.command(program, ports, folder)
        with processes.running(command, log, folder) as process:
            tcp_ports.wait_until_listening(list(ports.values()), process, log)
            yield Server(process.pid, ports, folder, log)
