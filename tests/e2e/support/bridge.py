"""One running bridge: started with its own ports and its own directory, stopped without a trace."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from . import processes
from .client import RawClient
from .daemon import LOG_LINE, Daemon  # noqa: F401
from .telnet import TelnetClient
from .waiting import DEADLINE, wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
VENV_BIN = Path(sys.executable).parent
PROGRAMS = Path(__file__).resolve().parents[1] / "programs"

LOCALHOST = "127.0.0.1"
_PORT_TAKEN = re.compile("in use", re.IGNORECASE)
_ATTEMPTS = 8


def executable():
    return os.environ.get("MPREMOTE_BRIDGE", str(REPOSITORY / "build/release/bin/mpremote-bridge"))


def micropython():
    return os.environ.get("MICROPYTHON", str(VENV_BIN / "micropython"))


def program(name):
    """A stand-in for MicroPython from the programs folder."""
    return str(PROGRAMS / name)


def free_ports(count=2):
    """Ports nobody listens on now. Another test may still take one first, so whoever uses them tries again."""
    held = [socket.create_server((LOCALHOST, 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


def run_once(*arguments, binary=None, through=(), **kwargs):
    """Run the bridge where it is expected to end by itself."""
    command = [*through, str(binary or executable()), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False, **kwargs)


class Bridge(Daemon):
    """Starts the daemon and waits until it listens. Its stderr is collected line by line as it comes.

    `options` go before the executable. `board` is what runs in MicroPython's place, "" leaves it to the bridge.
    `host` None leaves the default (all interfaces). A port of None is chosen, any other value is passed on as it
    is; `command_ports` replaces the words that pass them. `through` are words that start the daemon in another way.
    """

    name = "the bridge"

    def __init__(
        self, cwd, *options, board=None, host=LOCALHOST, port=None, socket_port=None, command_ports=None, binary=None,
        started_in=None, env=None, through=(), **popen,
    ):  # fmt: skip
        # Should --cwd ever be ignored, what a test writes must still not land in the repository.
        super().__init__(env, **{"cwd": started_in or cwd, **popen})
        self.cwd = Path(cwd)
        self.options = [str(option) for option in options]
        self.board = micropython() if board is None else str(board)
        self.host = host
        self._wanted_ports = (port, socket_port)
        self._command_ports = command_ports
        self._binary = binary or executable()
        self._through = through
        self._start()

    # -- start

    def _start(self):
        for _ in range(_ATTEMPTS):
            self.port, self.socket_port = self._choose_ports()
            self._spawn()
            if self._wait_until_listening():
                return
        raise AssertionError(f"the bridge did not start:\n{self.log_text()}")

    def _choose_ports(self):
        chosen = free_ports(2)
        return [new if wanted is None else wanted for wanted, new in zip(self._wanted_ports, chosen)]

    def command(self):
        host = [] if self.host is None else ["-H", self.host]
        ports = self._command_ports or ["-p", self.port, "-s", self.socket_port]
        board = [self.board] if self.board else []
        return list(map(str, [*self._through, self._binary, *host, *ports, "--cwd", self.cwd, *self.options, *board]))

    def _wait_until_listening(self):
        wanted = [port for port in (self.port, self.socket_port) if port]
        wait_until(
            lambda: self.process.poll() is not None or all(map(processes.is_listening, wanted)),
            "the bridge listens or has ended",
        )
        if self.process.poll() is None:
            return True
        self._reader.join(DEADLINE)
        if any(_PORT_TAKEN.search(line) for line in self.lines) and None in self._wanted_ports:
            return False
        raise AssertionError(f"the bridge ended with {self.process.returncode}:\n{self.log_text()}")

    # -- clients

    def connect_raw(self, **kwargs):
        return self._remember(RawClient(self.socket_port, **kwargs))

    def connect_rfc(self, **kwargs):
        return self._remember(TelnetClient(self.port, **kwargs))

    def connect(self, kind, **kwargs):
        return {"socket": self.connect_raw, "rfc2217": self.connect_rfc}[kind](**kwargs)

    def port_of(self, kind):
        return {"socket": self.socket_port, "rfc2217": self.port}[kind]

    def url(self, kind):
        return f"{kind}://localhost:{self.port_of(kind)}"

    # -- processes

    def board_pid(self):
        """The board seen from outside: spares are started after it."""
        return wait_until(self._children_by_age, "the bridge has a child")[0]

    def spares(self):
        """The processes that are to take the board's place, whether they have come to their prompt or not."""
        return self._children_by_age()[1:]

    def wait_for_spares(self, count=1):
        """Wait until there are so many spares, each at its prompt; returns them, the oldest first."""
        found = []

        def ready():
            found[:] = self.spares()
            return len(found) == count and all(map(processes.waits_at_prompt, found))

        wait_until(ready, f"there are {count} spares at their prompt")
        return found

    def _children_by_age(self):
        found = [(processes.started(pid), pid) for pid in processes.children(self.pid) if processes.is_running(pid)]
        return [pid for start, pid in sorted(found) if start]
