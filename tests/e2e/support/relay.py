"""A TCP relay in front of a server, which can hold back what the server says: a long way to it."""

import socket
import threading

from .bridge import LOCALHOST


class Relay:
    """Passes bytes and ends of files on, both ways; the server's only while it does not hold."""

    def __init__(self, port):
        self._target = port
        self._passing = threading.Event()
        self._passing.set()
        self._sockets = [socket.create_server((LOCALHOST, 0))]
        self.port = self._sockets[0].getsockname()[1]
        self._in_background(self._accept)

    def hold(self):
        self._passing.clear()

    def release(self):
        self._passing.set()

    def close(self):
        self.release()
        for each in self._sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    @staticmethod
    def _in_background(work, *arguments):
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self):
        try:
            while True:
                near = self._sockets[0].accept()[0]
                far = socket.create_connection((LOCALHOST, self._target))
                self._sockets += [near, far]
                self._in_background(self._pass_on, near, far, threading.Event.is_set)
                self._in_background(self._pass_on, far, near, threading.Event.wait)
        except OSError:
            pass  # closed

    def _pass_on(self, source, sink, look):
        try:
            while data := source.recv(65536):
                look(self._passing)
                sink.sendall(data)
            look(self._passing)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one of them is gone
