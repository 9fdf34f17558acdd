"""A client that knows, byte for byte, what a soft reset shows it."""

from . import repl
from .repl import RAW_BANNER, REBOOT, RESET

RAW_REBOOT = REBOOT + RAW_BANNER


class Session:
    """A client of a board that starts, at its friendly prompt or in its raw REPL."""

    def __init__(self, bridge, kind, mode="friendly"):
        self.bridge = bridge
        self.client = bridge.connect(kind)
        self.banner = repl.banner(self.client)
        self.reset_text = b"\r\n" + REBOOT + self.banner
        self.command, self.answer = b"print(6*7)\r", b"print(6*7)\r\n42\r\n>>> "
        if mode == "raw":
            repl.enter_raw(self.client)
            self.reset_text = b"OK\r\n" + RAW_REBOOT
            self.command, self.answer = b"print(6*7)\x04", b"OK42\n\x04\x04>"

    def reset(self):
        self.client.send(RESET)
        next_bytes(self.client, self.reset_text)

    def nothing_more(self):
        """The board answers a command of ours and has said nothing in between."""
        self.client.send(self.command)
        next_bytes(self.client, self.answer)


def next_bytes(client, wanted):
    """Compare what comes next with what should, byte for byte."""
    assert client.read_exact(len(wanted)) == wanted
