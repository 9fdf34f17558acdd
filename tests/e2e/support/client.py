"""A client of the raw port: bytes out, bytes in, always with a deadline."""

import socket
import time

from .waiting import DEADLINE


class RawClient:
    """Bytes are kept in `buffer` until a read takes them, so nothing a test did not ask for is lost."""

    def __init__(self, port, host="127.0.0.1", receive_buffer=None):
        self.socket = self._open(host, port, receive_buffer)
        self.buffer = bytearray()
        self.closed_by_peer = False

    @staticmethod
    def _open(host, port, receive_buffer):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(DEADLINE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.connect((host, port))
        return sock

    # -- sending

    def send(self, data):
        self.socket.sendall(data)

    def end_of_input(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def vanish(self):
        """Go away without a FIN, as after a power cut; the kernel must allow it (CAP_NET_ADMIN)."""
        tcp_repair = 19
        self.socket.setsockopt(socket.IPPROTO_TCP, tcp_repair, 1)
        self.socket.close()

    @property
    def local_port(self):
        return self.socket.getsockname()[1]

    # -- receiving

    def _incoming(self, chunk):
        self.buffer += chunk

    def receive_some(self, deadline=DEADLINE, limit=1 << 16):
        """Take in one chunk from the network; False at the end of the stream."""
        self.socket.settimeout(max(deadline, 0.001))
        try:
            chunk = self.socket.recv(limit)
        except socket.timeout:
            so_far = bytes(self.buffer[-2000:])
            raise AssertionError(f"nothing came within {deadline:.1f} s; so far {so_far!r}") from None
        if not chunk:
            self.closed_by_peer = True
            return False
        self._incoming(chunk)
        return True

    def _receive_until(self, ready, what, deadline):
        end = time.monotonic() + deadline
        while not ready():
            if not self.receive_some(end - time.monotonic()):
                raise AssertionError(f"closed while waiting for {what}; so far {bytes(self.buffer[-2000:])!r}")

    def take(self, count):
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def read_until(self, token, deadline=DEADLINE):
        """All data up to and including the token."""
        searched = 0

        def found():
            nonlocal searched
            position = self.buffer.find(token, max(0, searched - len(token)))
            searched = len(self.buffer)
            return position >= 0

        self._receive_until(found, repr(token), deadline)
        return self.take(self.buffer.find(token) + len(token))

    def fill(self, count, deadline=DEADLINE):
        """Wait until at least so many bytes are in the buffer."""
        self._receive_until(lambda: len(self.buffer) >= count, f"{count} bytes", deadline)

    def read_exact(self, count, deadline=DEADLINE):
        self.fill(count, deadline)
        return self.take(count)

    def read_to_end(self, deadline=DEADLINE):
        """Everything until the bridge closes; a reset instead of an orderly end is an error."""
        end = time.monotonic() + deadline
        while self.receive_some(end - time.monotonic()):
            pass
        return self.take(len(self.buffer))

    def collect(self, seconds):
        """Take in whatever comes within the time: only for showing that something does not come."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if not self.receive_some(end - time.monotonic()):
                    return
            except AssertionError:
                return
