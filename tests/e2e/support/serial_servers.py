"""Other people's servers for a serial port: ser2net, and the server half of pyserial. The port is a PTY of the test."""

import os
import select
import shutil
import socket
import subprocess
import threading
import tty

import serial
import serial.rfc2217

from . import processes
from .bridge import LOCALHOST, free_ports
from .device import DeviceClient
from .waiting import DEADLINE, wait_until

_SER2NET = shutil.which("ser2net", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
_CONFIGURATION = """%YAML 1.1
---
connection: &board
  accepter: {accepter},localhost,{port}
  connector: serialdev,{device},115200n81,local
"""


class FarEnd(DeviceClient):
    """What is behind the server's serial port: a device the test plays. Shows how the server has set the port."""

    def __init__(self):
        self.descriptor, self._port = os.openpty()
        tty.setraw(self._port)
        os.set_blocking(self.descriptor, False)
        self.path = os.ttyname(self._port)
        self.buffer = bytearray()
        self.closed_by_peer = False

    def close(self):
        super().close()
        os.close(self._port)


class Ser2net:
    """A ser2net with one connection, whose accepter is for example "telnet(rfc2217),tcp"."""

    def __init__(self, accepter, far_end, folder):
        self._configuration = folder / "ser2net.yaml"
        self._log = folder / "ser2net.log"
        for _ in range(8):
            (self.port,) = free_ports(1)
            self._configuration.write_text(
                _CONFIGURATION.format(accepter=accepter, port=self.port, device=far_end.path)
            )
            if self._start():
                return
        raise AssertionError(f"ser2net did not start:\n{self._log.read_text()}")

    def _start(self):
        with self._log.open("wb") as log:
            command = [_SER2NET, "-n", "-u", "-c", self._configuration]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: processes.is_listening(self.port) or self._process.poll() is not None, "ser2net listens")
        return self._process.poll() is None

    def close(self):
        self._process.terminate()
        try:
            self._process.wait(DEADLINE)
        finally:
            self._process.kill()
            self._process.wait()


class _PtyPort(serial.Serial):
    """A PTY has no modem lines, and pyserial's server does not do without."""

    cts = dsr = cd = True
    ri = False


class PyserialServer:
    """The server half of pyserial, used as its example and esp_rfc2217_server do: one connection after the other."""

    def __init__(self, far_end):
        self._port = _PtyPort(far_end.path, timeout=0)
        self._listener = socket.create_server((LOCALHOST, 0))
        self.port = self._listener.getsockname()[1]
        self._end, self._ended = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        os.close(self._ended)
        self._thread.join(DEADLINE)
        self._listener.close()
        self._port.close()
        os.close(self._end)

    def _run(self):
        while self._readable(self._listener) and self._serve(self._listener.accept()[0]):
            pass

    def _readable(self, *sources):
        """Those that can be read; none at the end."""
        ready = select.select([*sources, self._end], [], [])[0]
        return [] if self._end in ready else ready

    def _serve(self, connection):
        """Until the client leaves; False at the end."""
        with connection, connection.makefile("wb", buffering=0) as out:
            manager = serial.rfc2217.PortManager(self._port, out)
            while ready := self._readable(connection, self._port):
                if self._port in ready:
                    out.write(b"".join(manager.escape(self._port.read(65536))))
                if connection in ready and not self._pass_on(connection, manager):
                    return True
        return False

    def _pass_on(self, connection, manager):
        try:
            data = connection.recv(1024)
        except ConnectionResetError:
            return False
        self._port.write(b"".join(manager.filter(data)))
        return bool(data)
