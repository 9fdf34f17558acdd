"""One running bridge: started with its own ports and its own directory, stopped without a trace."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path

from . import processes
from .client import RawClient
from .telnet import TelnetClient
from .waiting import DEADLINE, wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
VENV_BIN = Path(sys.executable).parent
PROGRAMS = Path(__file__).resolve().parents[1] / "programs"

LOCALHOST = "127.0.0.1"
LOG_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - root - ([A-Z]+) - (.*)$")
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


def run_once(*arguments, binary=None, **kwargs):
    """Run the bridge where it is expected to end by itself."""
    command = [str(binary or executable()), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False, **kwargs)


class Bridge:
    """Starts the daemon and waits until it listens. Its stderr is collected line by line as it comes.

    `options` go before the executable. `board` is what runs in MicroPython's place, "" leaves it to the bridge.
    `host` None leaves the default (all interfaces). A port of None is chosen, any other value is passed on as it
    is; `command_ports` replaces the words that pass them.
    """

    def __init__(
        self, cwd, *options, board=None, host=LOCALHOST, port=None, socket_port=None, command_ports=None, binary=None,
        started_in=None, env=None, **popen,
    ):  # fmt: skip
        self.cwd = Path(cwd)
        self.options = [str(option) for option in options]
        self.board = micropython() if board is None else str(board)
        self.host = host
        self.marker = uuid.uuid4().hex
        self.lines = []
        self.clients = []
        self._wanted_ports = (port, socket_port)
        self._command_ports = command_ports
        self._binary = binary or executable()
        self._environment = {**os.environ, **(env or {}), processes.MARKER: self.marker}
        # Should --cwd ever be ignored, what a test writes must still not land in the repository.
        self._popen = {"cwd": started_in or cwd, **popen}
        self._changed = threading.Condition()
        self._start()

    # -- start and stop

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
        return list(map(str, [self._binary, *host, *ports, "--cwd", self.cwd, *self.options, *board]))

    def _spawn(self):
        self.lines.clear()
        self.process = subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            **self._popen,
        )
        self._reader = threading.Thread(target=self._collect, args=(self.process.stderr,), daemon=True)
        self._reader.start()

    def _collect(self, stream):
        for line in stream:
            with self._changed:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self._changed.notify_all()

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

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=DEADLINE):
        """Wait for the end of the bridge; returns its exit status."""
        status = self.process.wait(deadline)
        self._reader.join(deadline)
        return status

    def stop(self):
        """End the bridge and see to it that nothing of it is left."""
        for client in self.clients:
            client.close()
        status = self._end_process()
        left = self.descendants_after_end()
        processes.kill_marked(self.marker)
        self._close_pipes()
        assert not left, f"left behind by the bridge: {left}"
        return status

    def _end_process(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
            raise AssertionError(f"the bridge did not end on SIGTERM:\n{self.log_text()}") from None

    def descendants_after_end(self):
        """What still runs of the bridge once it has ended, after the kernel had its time to end it."""
        try:
            wait_until(lambda: not processes.marked(self.marker), "all processes of the bridge are gone", 15)
        except AssertionError:
            return [(pid, processes.command_line(pid)) for pid in processes.marked(self.marker)]
        return []

    def _close_pipes(self):
        self.process.stdout.close()
        self._reader.join(DEADLINE)
        self.process.stderr.close()

    # -- clients

    def connect_raw(self, **kwargs):
        return self._remember(RawClient(self.socket_port, **kwargs))

    def connect_rfc(self, **kwargs):
        return self._remember(TelnetClient(self.port, **kwargs))

    def connect(self, kind, **kwargs):
        return {"socket": self.connect_raw, "rfc2217": self.connect_rfc}[kind](**kwargs)

    def _remember(self, client):
        self.clients.append(client)
        return client

    def port_of(self, kind):
        return {"socket": self.socket_port, "rfc2217": self.port}[kind]

    def url(self, kind):
        return f"{kind}://localhost:{self.port_of(kind)}"

    # -- log

    def log_text(self):
        with self._changed:
            return "\n".join(self.lines)

    def messages(self, level=None):
        """The texts of the log lines, without time and level."""
        with self._changed:
            parsed = [LOG_LINE.match(line) for line in self.lines]
        return [match[3] for match in parsed if match and level in (None, match[2])]

    def wait_for_log(self, pattern, count=1, deadline=DEADLINE):
        """Wait until `count` lines match; returns the last match."""
        found = []

        def enough():
            found[:] = [match for match in (re.search(pattern, line) for line in self.lines) if match]
            return len(found) >= count

        with self._changed:
            if not self._changed.wait_for(enough, deadline):
                raise AssertionError(f"no log line like {pattern!r} in:\n" + "\n".join(self.lines))
        return found[-1]

    # -- processes

    @property
    def pid(self):
        return self.process.pid

    def board_pid(self):
        """The board seen from outside; only where one process is all there is below the bridge."""
        return wait_until(lambda: self._only_child(), "the bridge has one child")

    def _only_child(self):
        found = [pid for pid in processes.children(self.pid) if processes.is_running(pid)]
        return found[0] if len(found) == 1 else None

    def wait_until_idle(self):
        """Wait until the bridge and what it runs all sleep and use no time any more: all that could flow has flown."""
        quiet = []

        def settled():
            sample = [(pid, processes.cpu_seconds(pid)) for pid in processes.marked(self.marker)]
            asleep = all(processes.state(pid) in ("S", "T", "t") for pid, _ in sample)
            quiet[:] = [*quiet[-9:], sample] if asleep and sample == (quiet or [sample])[-1] else []
            return len(quiet) >= 10

        wait_until(settled, "the bridge has nothing left to do")
