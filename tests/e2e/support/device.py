"""A client of the PTY port: a serial device instead of a socket, read with the same deadlines."""

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios

from .client import RawClient
from .waiting import DEADLINE

NOBODY = 65534
IS_ROOT = os.geteuid() == 0

_PYTHON = os.path.realpath(sys.executable)  # an ordinary user may not be allowed to pass the way to the venv
_TERMIOS2 = "4IB19s2I"
_TCGETS2, _TCSETS2 = 0x802C542A, 0x402C542B
_TIOCSLCKTRMIOS = 0x5457
_BOTHER, _CBAUD = 0o010000, 0o010017
EXTPROC = 0o200000


def device_path(bridge):
    """Where the PTY port is now, by the log of a bridge with -v."""
    bridge.wait_for_log("Waiting for connection")
    return re.findall(r"PTY port .*?at (/dev/pts/\d+)", bridge.log_text())[-1]


def open_device(bridge, path=None, **kwargs):
    """A client of the bridge's PTY port, closed with the bridge."""
    client = DeviceClient(path or device_path(bridge), **kwargs)
    bridge.clients.append(client)
    return client


class DeviceClient(RawClient):
    """Opens the device as `cat` does: as it is, without setting or flushing anything."""

    def __init__(self, path, flags=os.O_RDWR):  # pylint: disable=super-init-not-called
        self.path = path
        self.descriptor = os.open(path, flags | os.O_NOCTTY | os.O_NONBLOCK)
        self.buffer = bytearray()
        self.closed_by_peer = False

    def send(self, data):
        data = memoryview(data)
        while data:
            if not select.select([], [self.descriptor], [], DEADLINE)[1]:
                raise AssertionError(f"nothing was taken within {DEADLINE:.1f} s; {len(data)} bytes are left")
            try:
                data = data[os.write(self.descriptor, data) :]
            except BlockingIOError:
                pass

    def receive_some(self, deadline=DEADLINE, limit=1 << 16):
        if not select.select([self.descriptor], [], [], max(deadline, 0.001))[0]:
            so_far = bytes(self.buffer[-2000:])
            raise AssertionError(f"nothing came within {deadline:.1f} s; so far {so_far!r}")
        try:
            chunk = os.read(self.descriptor, limit)
        except BlockingIOError:
            return True
        except OSError:  # the other side of the device is gone
            chunk = b""
        if not chunk:
            self.closed_by_peer = True
            return False
        self._incoming(chunk)
        return True

    def close(self):
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor = None

    # -- the line

    def settings(self):
        """As of termios: iflag, oflag, cflag, lflag, ispeed, ospeed, characters."""
        return termios.tcgetattr(self.descriptor)

    def set(self, iflag=0, oflag=0, cflag=0, lflag=0, when=termios.TCSANOW):
        """Turn these flags on."""
        settings = self.settings()
        for index, flags in enumerate((iflag, oflag, cflag, lflag)):
            settings[index] |= flags
        termios.tcsetattr(self.descriptor, when, settings)

    def set_speed(self, speed):
        """One of the standard speeds, as a constant of termios."""
        settings = self.settings()
        settings[4:6] = [speed, speed]
        termios.tcsetattr(self.descriptor, termios.TCSANOW, settings)

    def set_custom_speed(self, speed):
        values = list(self._settings2())
        values[2] = values[2] & ~_CBAUD | _BOTHER
        values[6:8] = [speed, speed]
        fcntl.ioctl(self.descriptor, _TCSETS2, struct.pack(_TERMIOS2, *values))

    def custom_speed(self):
        return self._settings2()[7]

    def _settings2(self):
        empty = bytes(struct.calcsize(_TERMIOS2))
        return struct.unpack(_TERMIOS2, fcntl.ioctl(self.descriptor, _TCGETS2, empty))

    def cook(self):
        """What a shell's terminal has, and with it the kernel's echo, line editing and special characters."""
        settings = self.settings()
        settings[0] |= termios.ICRNL | termios.IXON
        settings[1] |= termios.OPOST | termios.ONLCR
        settings[3] = termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN
        termios.tcsetattr(self.descriptor, termios.TCSANOW, settings)

    def flush_input(self):
        termios.tcflush(self.descriptor, termios.TCIFLUSH)

    def exclusive(self):
        fcntl.ioctl(self.descriptor, termios.TIOCEXCL)

    def lock(self):
        """What pyserial does with exclusive=True; BlockingIOError when somebody else has it."""
        fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def start_python(code, *arguments, ordinary=False, **kwargs):
    """Python code in a process of its own, if wanted as a user who may do nothing special."""
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if ordinary else {}
    return subprocess.Popen([_PYTHON, "-c", code, *map(str, arguments)], cwd="/", **user, **kwargs)


def run_python(code, *arguments, ordinary=False):
    """The same to its end; returns its exit status and what it printed."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with start_python(code, *arguments, ordinary=ordinary, **pipes) as process:
        try:
            output, errors = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


_OPEN = """
import os, sys
try:
    os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
except OSError as error:
    print(error.errno)
"""
_LOCK_OUT = """
import fcntl, os, sys, termios, time
device = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.ioctl(device, termios.TIOCEXCL)
print("exclusive", flush=True)
if sys.argv[2] == "killed":
    time.sleep(60)
"""


def error_of_opening(path):
    """What keeps an ordinary user from opening the device: an error number, or None if nothing does."""
    text = run_python(_OPEN, path, ordinary=True).stdout
    return int(text) if text else None


def leave_exclusive_mode_behind(path, end, ordinary=False):
    """As screen does: a program that sets TIOCEXCL, and "exits" or is "killed"."""
    process = start_python(_LOCK_OUT, path, end, ordinary=ordinary, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"exclusive\n"
    if end == "killed":
        process.kill()
    process.wait(DEADLINE)
    process.stdout.close()


def settings_can_be_locked():
    """Whether the kernel lets this process forbid changes of a terminal's settings (CAP_SYS_ADMIN)."""
    master, slave = os.openpty()
    try:
        fcntl.ioctl(slave, _TIOCSLCKTRMIOS, bytes(60))
    except PermissionError:
        return False
    finally:
        os.close(master)
        os.close(slave)
    return True
