"""Thonny's back end for a MicroPython on a serial port, driven as Thonny's window drives it."""

import os
import subprocess
import sys
import threading

from thonny.common import (
    MESSAGE_MARKER,
    ImmediateCommand,
    InlineCommand,
    InlineResponse,
    ToplevelCommand,
    ToplevelResponse,
    parse_message,
    serialize_message,
)

from .waiting import DEADLINE

# The package that holds the back end also imports the window's side, which wants tkinter. An empty package in its
# place has the same modules, but starts nothing.
_LAUNCHER = """
import runpy, sys, types
import thonny.plugins
package = types.ModuleType("thonny.plugins.micropython")
package.__path__ = [path + "/micropython" for path in thonny.plugins.__path__]
sys.modules[package.__name__] = package
runpy.run_module(package.__name__ + ".bare_metal_backend", run_name="__main__", alter_sys=True)
"""


class Thonny:
    """Connects at once, with Thonny's own defaults: interrupt what runs, and reset."""

    def __init__(self, port, user_folder):
        user_folder.mkdir()
        arguments = {
            "port": port, "clean": True, "interrupt_on_connect": True, "dtr": None, "rts": None, "submit_mode": None,
            "write_block_size": None, "write_block_delay": None, "sync_time": False, "validate_time": False,
            "local_rtc": True, "proxy_class": "GenericMicroPythonProxy",
        }  # fmt: skip
        self.output = ""
        self._seen = []
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-c", _LAUNCHER, repr(arguments)],
            env={**os.environ, "THONNY_USER_DIR": str(user_folder), "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        self.welcome = self._wait_for(ToplevelResponse)["welcome_text"]

    def close(self):
        """Thonny's window ends it in this way, too."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    # -- what the window asks for

    def execute(self, source):
        """Type something into the shell; returns its output."""
        return self._top_level("execute_source", source=source)

    def run(self, source):
        """Press Run; returns the program's output."""
        return self._top_level("Run", source=source)

    def start(self, source, sign):
        """Press Run, and wait until the output has this sign of life."""
        self.output = ""
        self._send(ToplevelCommand("Run", source=source))
        self._messages_until(lambda message: sign in self.output, sign)

    def interrupt(self):
        """Press Stop; returns the output of the program up to its end."""
        self._send(ImmediateCommand("interrupt"))
        self._wait_for(ToplevelResponse)
        return self.output

    def write_file(self, path, content):
        self._inline("write_file", path=str(path), content_bytes=content, make_shebang_scripts_executable=False)

    def read_file(self, path):
        return self._inline("read_file", path=str(path))["content_bytes"]

    # -- messages

    def _top_level(self, name, **values):
        self.output = ""
        self._send(ToplevelCommand(name, **values))
        self._wait_for(ToplevelResponse)
        return self.output

    def _inline(self, name, **values):
        self._send(InlineCommand(name, id=name, **values))
        return self._wait_for(InlineResponse)

    def _send(self, message):
        self._process.stdin.write(serialize_message(message) + "\n")
        self._process.stdin.flush()

    def _wait_for(self, kind):
        response = self._messages_until(lambda message: isinstance(message, kind), kind.__name__)
        assert not response.get("error"), response
        return response

    def _messages_until(self, wanted, what):
        """Take in messages up to the wanted one; the deadline ends the process, and with it the wait."""
        timer = threading.Timer(DEADLINE, self._process.kill)
        timer.start()
        try:
            while message := self._next_message():
                if wanted(message):
                    return message
        finally:
            timer.cancel()
        raise AssertionError(f"Thonny's back end ended before {what!r}; it had said\n" + "".join(self._seen[-50:]))

    def _next_message(self):
        while line := self._read_line():
            if line.startswith(MESSAGE_MARKER):
                more = int(line[1 : line.index(" ")]) - 1
                message = parse_message(line + "".join(self._read_line() for _ in range(more)))
                if message["event_type"] == "ProgramOutput":
                    self.output += message["data"]
                return message
        return None

    def _read_line(self):
        line = self._process.stdout.readline()
        self._seen.append(line)
        return line
