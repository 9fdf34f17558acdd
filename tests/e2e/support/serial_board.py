"""A bridge and its board as a serial device of this machine, for programs that know nothing else."""

import os
import uuid

# The bridge's own PTY port, or mpremote-attach at one of the network ports.
WAYS = ["local", "attach-socket", "attach-rfc2217"]


class SerialBoard:
    """`link` is a name of the device that no other test uses: minicom makes a lock file of its last part."""

    def __init__(self, way, start_bridge, start_attach, folder, *options):
        self.link = str(folder / f"board-{uuid.uuid4().hex[:8]}")
        if way == "local":
            self.bridge = self._owner = start_bridge("-v", "--pty-link", self.link, *options)
        else:
            self.bridge = start_bridge("-v", "--no-pty", *options)
            self._owner = start_attach(self.bridge.url(way.removeprefix("attach-")), "-v", link=self.link)

    @property
    def device(self):
        """The device itself: /dev/pts/N."""
        return os.path.realpath(self.link)

    @property
    def folder(self):
        """The directory with the board's files."""
        return self.bridge.cwd

    def log_text(self):
        return self._owner.log_text()

    def wait_until_left(self, count=1):
        """Wait until so many programs have closed the device."""
        self._owner.wait_for_log("Disconnected", count)
