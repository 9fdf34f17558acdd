"""One running mpremote-attach, and the serial device it makes."""

import os
import subprocess

from . import processes
from .bridge import REPOSITORY
from .daemon import Daemon
from .device import DeviceClient
from .waiting import DEADLINE, wait_until


def executable():
    return os.environ.get("MPREMOTE_ATTACH", str(REPOSITORY / "build/release/bin/mpremote-attach"))


def run_once(*arguments, **kwargs):
    """Run mpremote-attach where it is expected to end by itself."""
    command = [executable(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False, **kwargs)


class Attach(Daemon):
    """Starts mpremote-attach and waits until its device is there. Without a link the device is what it printed last."""

    name = "mpremote-attach"

    def __init__(self, target, *options, link=None, env=None, **popen):
        super().__init__(env, **popen)
        self.target = str(target)
        self.options = [str(option) for option in options]
        self.link = link and str(link)
        self.printed = []
        self._spawn()
        self._printer = self._collect_in_background(self.process.stdout, self.printed)
        wait_until(lambda: self.is_there() or self.process.poll() is not None, "the device is there")
        assert self.is_there() or self.wait() is not None

    def command(self):
        link = ["--pty-link", self.link] if self.link else []
        return [executable(), *link, *self.options, self.target]

    def _close_pipes(self):
        self._printer.join(DEADLINE)
        super()._close_pipes()

    # -- the device

    def is_there(self):
        return os.path.exists(self.link) if self.link else bool(self.printed)

    @property
    def path(self):
        """The name to open it by."""
        return self.link or self.printed[-1]

    @property
    def device(self):
        """The device itself: /dev/pts/N."""
        return os.path.realpath(self.path)

    def open(self, **kwargs):
        return self._remember(DeviceClient(self.path, **kwargs))

    def wait_until_remade(self, former):
        """Wait until the name leads to another device than `former`."""
        wait_until(lambda: self.device != former, f"{former} is made anew")

    def wait_until_left(self, count=1):
        """Wait until so many local programs have closed the device, and it is ready for the next."""
        self.wait_for_log("Waiting for connection", count)
        self.wait_until_asleep()  # the device is restored after that line

    def wait_until_asleep(self):
        """What happened to the device before this has been noticed."""
        wait_until(lambda: processes.state(self.pid) == "S", "it has nothing to do now")
