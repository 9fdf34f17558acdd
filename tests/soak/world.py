"""The bridge that lives through it all, what belongs to it, and what everybody must know of the others."""

import os
import re
import signal
import sys
import threading
import time
from contextlib import contextmanager

from support import processes
from support.attach import Attach
from support.bridge import Bridge
from support.waiting import wait_until

OUR_ADDRESS, STORM_ADDRESS, STRANGER_ADDRESS = "127.0.0.2", "127.0.0.3", "127.0.0.1"
MAX_PENDING = 16
_LOG_DEADLINE = 5.0


class World:
    """One for the whole run.

    Our own sockets are bound to an address of their own. So lines of the log about other ones are about programs
    whose port nobody knows, of which only one at a time may come: it holds `strangers` until it is in or refused.
    """

    def __init__(self, folder, tally):
        self.tally = tally
        self.ending = threading.Event()
        self.strangers = threading.Lock()
        self.deaf = False  # somebody may have left the board without Ctrl-C
        self._stops = []
        self._vanishing = threading.Lock()
        self._vanished = time.monotonic()
        self.board_folder = folder / "board"
        self.scratch = folder / "scratch"
        self.link = folder / "port"
        for path in (self.board_folder, self.scratch):
            path.mkdir()
        options = ["-v", "--standby", 1, "--max-pending", MAX_PENDING, "--pty-link", self.link, "--on-break", "reset"]
        self.bridge = Bridge(self.board_folder, *options)
        self.bridge.wait_for_log("Waiting for connection")
        self.attached = {}
        for kind, name in (("socket", "raw"), ("rfc2217", "RFC 2217")):
            target = f"{kind}://{STRANGER_ADDRESS}:{self.bridge.port_of(kind)}"
            self.attached[kind] = Attach(target, "-v", link=folder / f"attached-{kind}")
            self.attached[kind].name = f"mpremote-attach, {name}"

    def daemons(self):
        return [self.bridge, *self.attached.values()]

    def note(self, text):
        """For whoever looks at the log later."""
        moment = time.strftime("%H:%M:%S")
        print(f"    {moment} {text}", file=sys.stderr, flush=True)

    def pause(self, seconds):
        """Let time pass; ends early when the run does."""
        self.ending.wait(seconds)

    def time_to_vanish(self, period):
        """Whether nobody has asked for so many seconds."""
        with self._vanishing:
            now = time.monotonic()
            due = now - self._vanished > period
            if due:
                self._vanished = now
        return due

    # -- the log

    def log_position(self):
        return len(self.bridge.lines)

    def log_says(self, since, pattern, deadline=_LOG_DEADLINE):
        """Whether a line behind this place in the log is like the pattern, or comes soon."""
        wanted = re.compile(pattern).search
        try:
            wait_until(lambda: any(map(wanted, self.bridge.lines[since:])), pattern, deadline)
        except AssertionError:
            return False
        return True

    def was_rejected(self, since, address):
        """Whether this peer was, an address with or without a port."""
        return self.log_says(since, rf"Rejected .* from {re.escape(address)}(?!\d)")

    # -- signals

    @contextmanager
    def stopped(self, pid, parent):
        """A process, which still is a child of `parent`, does nothing for a while."""
        begin = time.monotonic()
        with _Child(pid, parent) as child:
            child.send(signal.SIGSTOP)
            self._stops.append([begin, None])
            stop = self._stops[-1]
            try:
                yield
            finally:
                child.send(signal.SIGCONT)
                stop[1] = time.monotonic()

    def seconds_stopped(self, since):
        """For how long somebody had stopped something since then."""
        now = time.monotonic()
        return sum(max(0.0, (end or now) - max(begin, since)) for begin, end in list(self._stops))

    def signal_board(self, number):
        with _Child(self.bridge.board_pid(), self.bridge.pid) as child:
            child.send(number)

    def kill_spare(self):
        """Returns whether there was one."""
        for spare in self.bridge.spares():
            with _Child(spare, self.bridge.pid) as child:
                if spare in self.bridge.spares():  # it may have become the board
                    child.send(signal.SIGKILL)
                    return True
        return False


class _Child:
    """Sends signals to a process that cannot have become another one meanwhile; to one that is gone, none."""

    def __init__(self, pid, parent):
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._descriptor = None
            return
        if processes.stat_fields(pid)[1:2] != [str(parent)]:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._descriptor is not None:
            os.close(self._descriptor)

    def send(self, number):
        if self._descriptor is not None:
            try:
                signal.pidfd_send_signal(self._descriptor, number)
            except ProcessLookupError:
                pass
