"""One running program under test: its log as it comes, its signals, and its end without a trace."""

import os
import re
import signal
import subprocess
import threading
import uuid

from . import processes
from .waiting import DEADLINE, wait_until

LOG_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - root - ([A-Z]+) - (.*)$")


class Daemon:
    """Its stderr is collected line by line. A derived class has `name`, command(), and calls _spawn()."""

    name = "the program"

    def __init__(self, env=None, **popen):
        self.marker = uuid.uuid4().hex
        self.lines = []
        self.clients = []
        # A control socket is where a test wants one: the usual place is the user's, not the test's.
        no_usual_place = {"RUNTIME_DIRECTORY": "", "XDG_RUNTIME_DIR": "/nonexistent"}
        self._environment = {**os.environ, **no_usual_place, **(env or {}), processes.MARKER: self.marker}
        self._popen = popen
        self._changed = threading.Condition()

    # -- start and stop

    def command(self):
        raise NotImplementedError

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
        self._reader = self._collect_in_background(self.process.stderr, self.lines)

    def _collect_in_background(self, stream, lines):
        reader = threading.Thread(target=self._collect, args=(stream, lines), daemon=True)
        reader.start()
        return reader

    def _collect(self, stream, lines):
        for line in stream:
            with self._changed:
                lines.append(line.decode(errors="replace").rstrip("\n"))
                self._changed.notify_all()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=DEADLINE):
        """Wait for the end of the program; returns its exit status."""
        status = self.process.wait(deadline)
        self._reader.join(deadline)
        return status

    def stop(self):
        """End the program and see to it that nothing of it is left."""
        for client in self.clients:
            client.close()
        status = self._end_process()
        left = self.descendants_after_end()
        processes.kill_marked(self.marker)
        self._close_pipes()
        assert not left, f"left behind by {self.name}: {left}"
        return status

    def _end_process(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
            raise AssertionError(f"{self.name} did not end on SIGTERM:\n{self.log_text()}") from None

    def descendants_after_end(self):
        """What still runs of the program once it has ended, after the kernel had its time to end it."""
        try:
            wait_until(lambda: not processes.marked(self.marker), f"all processes of {self.name} are gone", 15)
        except AssertionError:
            return [(pid, processes.command_line(pid)) for pid in processes.marked(self.marker)]
        return []

    def _close_pipes(self):
        self.process.stdout.close()
        self._reader.join(DEADLINE)
        self.process.stderr.close()

    def _remember(self, client):
        """Closed when the program is stopped."""
        self.clients.append(client)
        return client

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

    def wait_until_idle(self):
        """Wait until it and what it runs all sleep and use no time any more: all that could flow has flown."""
        quiet = []

        def settled():
            sample = [(pid, processes.cpu_seconds(pid)) for pid in processes.marked(self.marker)]
            asleep = all(processes.state(pid) in ("S", "T", "t") for pid, _ in sample)
            quiet[:] = [*quiet[-9:], sample] if asleep and sample == (quiet or [sample])[-1] else []
            return len(quiet) >= 10

        wait_until(settled, f"{self.name} has nothing left to do")

    def wait_until_it_sleeps(self):
        """Wait until it passes a second without a single step: it has no business left, and nothing ticks."""
        wait_until(self._sleeps_for_a_second, f"{self.name} sleeps")

    def _sleeps_for_a_second(self):
        before = processes.steps(self.pid)
        try:
            self.process.wait(1.0)
        except subprocess.TimeoutExpired:
            return processes.steps(self.pid) == before
        raise AssertionError(f"{self.name} has ended:\n{self.log_text()}")
