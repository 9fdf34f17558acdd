"""A terminal for interactive programs, in a tmux server of its own: keys go in, what the screen shows comes out."""

import os
import re
import subprocess
import tempfile
import uuid
from pathlib import Path

from . import processes
from .waiting import DEADLINE, wait_until

_SETTINGS = ("remain-on-exit on", "status off", "default-terminal screen")
_FORGET = ("TMUX", "TMUX_PANE", "STY", "DISPLAY", "LC_ALL")
# tmux 3.3 misses the end of a program now and then, so the status takes another way.
_WRAPPER = '"$@"; echo $? >"$0"'


class Terminal:
    """Runs one command. After its end the screen stays as it was, until close()."""

    def __init__(self, command, width=100, height=40, env=None):
        self._marker = uuid.uuid4().hex
        self._folder = tempfile.TemporaryDirectory(prefix="tmux-")
        self._status = Path(self._folder.name, "status")
        self._environment = {name: value for name, value in os.environ.items() if name not in _FORGET}
        self._environment.update({"TERM": "xterm", "LANG": "C.UTF-8", processes.MARKER: self._marker, **(env or {})})
        settings = [word for setting in _SETTINGS for word in ("set", "-g", *setting.split(), ";")]
        size = ["-x", str(width), "-y", str(height)]
        wrapped = ["sh", "-c", _WRAPPER, str(self._status), *map(str, command)]
        # Without -f tmux would read the user's own settings as well.
        self._tmux("-f", os.devnull, *settings, "new-session", "-d", *size, "--", *wrapped)

    def _tmux(self, *words):
        command = ["tmux", "-S", f"{self._folder.name}/socket", *words]
        result = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=DEADLINE, check=False
        )
        assert result.returncode == 0, (words, result.stdout, result.stderr)
        return result.stdout

    def close(self):
        """End the terminal and the command, if it still runs."""
        processes.kill_marked(self._marker)
        wait_until(lambda: not processes.marked(self._marker), "all processes of the terminal are gone")
        self._folder.cleanup()

    # -- keys

    def press(self, *keys):
        """Press keys by tmux's names: C-c, Enter, Up."""
        self._tmux("send-keys", *keys)

    def type(self, text):
        self._tmux("send-keys", "-l", "--", text)

    def line(self, text):
        self.type(text)
        self.press("Enter")

    # -- screen

    def screen(self):
        """What is on the screen, without blanks at the ends of lines and below the last."""
        return self._tmux("capture-pane", "-p").rstrip()

    def shows(self, pattern):
        """How often the pattern matches from the beginning of a line to the end of that or a later one."""
        return len(re.findall(f"^(?:{pattern})$", self.screen(), re.MULTILINE))

    def wait_for(self, pattern, count=1):
        self._wait_until(lambda: self.shows(pattern) >= count, f"{count} times {pattern!r}")

    def wait_for_prompt(self):
        """Press Enter until there is a prompt: keys are lost as long as the program is not ready for them."""
        self._wait_until(lambda: self.shows(">>>") or self.press("Enter"), "a prompt")

    def has_ended(self):
        return self._status.exists() and self._status.read_text().endswith("\n")

    def wait_for_end(self):
        """Wait until the command has ended; returns its exit status."""
        self._wait_until(self.has_ended, "the program's end")
        return int(self._status.read_text())

    def _wait_until(self, condition, what):
        try:
            wait_until(condition, f"{what} in the terminal")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows\n" + self.screen()) from None
