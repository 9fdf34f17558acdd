"""A client of the RFC 2217 port that takes telnet apart itself, so that tests see every answer."""

from .client import RawClient
from .waiting import DEADLINE

SE, NOP, DM, BRK, IP, AO, AYT, EC, EL, GA, SB = range(240, 251)
WILL, WONT, DO, DONT, IAC = range(251, 256)
EOF = 236

BINARY, ECHO, SGA = 0, 1, 3
STATUS, TIMING_MARK, TERMINAL_TYPE, WINDOW_SIZE, LINEMODE, NEW_ENVIRON = 5, 6, 24, 31, 34, 39
COM_PORT = 44

(SIGNATURE, BAUDRATE, DATASIZE, PARITY, STOPSIZE, CONTROL, LINESTATE, MODEMSTATE, SUSPEND, RESUME,
 LINESTATE_MASK, MODEMSTATE_MASK, PURGE) = range(13)  # fmt: skip
SERVER = 100

CTS, DSR, RI, CD = 16, 32, 64, 128


def escape(data):
    return data.replace(b"\xff", b"\xff\xff")


def command(*codes):
    return bytes([IAC, *codes])


def subnegotiation(payload):
    return command(SB) + escape(payload) + command(SE)


class TelnetParser:
    """Splits the stream into data and events: ("command", code), (WILL, option), ("sb", payload)."""

    def __init__(self):
        self.data = bytearray()
        self.events = []
        self._pending = bytearray()
        self._step = self._plain

    def feed(self, chunk):
        for byte in chunk:
            self._step = self._step(byte)

    def _plain(self, byte):
        if byte == IAC:
            return self._after_iac
        self.data.append(byte)
        return self._plain

    def _after_iac(self, byte):
        if byte == IAC:
            self.data.append(byte)
        elif byte in (WILL, WONT, DO, DONT):
            return lambda option: self._event((byte, option))
        elif byte == SB:
            self._pending.clear()
            return self._inside
        else:
            self._event(("command", byte))
        return self._plain

    def _event(self, event):
        self.events.append(event)
        return self._plain

    def _inside(self, byte):
        if byte == IAC:
            return self._inside_after_iac
        self._pending.append(byte)
        return self._inside

    def _inside_after_iac(self, byte):
        if byte == SE:
            return self._event(("sb", bytes(self._pending)))
        self._pending.append(byte)
        return self._inside


class TelnetClient(RawClient):
    """`buffer` holds data only; what telnet says is in `events`, in order."""

    def __init__(self, port, **kwargs):
        super().__init__(port, **kwargs)
        self.parser = TelnetParser()
        self.wire = bytearray()

    @property
    def events(self):
        return self.parser.events

    def _incoming(self, chunk):
        self.wire += chunk
        if b"\xff" not in chunk and self.parser._step == self.parser._plain:
            self.buffer += chunk
            return
        self.parser.feed(chunk)
        self.buffer += self.parser.data
        self.parser.data.clear()

    # -- telnet

    def send(self, data):
        """Send data with IAC doubled; everything else goes through send_wire."""
        self.send_wire(escape(data))

    def send_wire(self, raw):
        super().send(raw)

    def offer(self, verb, option):
        self.send_wire(command(verb, option))

    def wait_event(self, wanted, start=0, deadline=DEADLINE):
        """Wait for an event (a value or a predicate) at or after index `start`; returns it."""
        matches = wanted if callable(wanted) else lambda event: event == wanted
        found = []

        def ready():
            found[:] = [event for event in self.events[start:] if matches(event)]
            return bool(found)

        self._receive_until(ready, f"telnet event {wanted}; had {self.events[start:]}", deadline)
        return found[0]

    def agree_binary(self):
        """Become 8-bit clean in both directions."""
        self.offer(WILL, BINARY)
        self.offer(DO, BINARY)
        self.wait_event((DO, BINARY))
        self.wait_event((WILL, BINARY))
        return self

    def agree_com_port(self):
        """Agree on COM-PORT-OPTION as pyserial does, and on BINARY."""
        self.offer(WILL, COM_PORT)
        self.wait_event((DO, COM_PORT))
        return self.agree_binary()

    # -- RFC 2217

    def tell(self, code, value=b""):
        self.send_wire(subnegotiation(bytes([COM_PORT, code]) + value))

    def ask(self, code, value=b"", deadline=DEADLINE):
        """Send a com-port command and return the value of its answer."""
        start = len(self.events)
        self.tell(code, value)
        head = bytes([COM_PORT, code + SERVER])
        event = self.wait_event(lambda e: e[0] == "sb" and e[1].startswith(head), start, deadline)
        return event[1][2:]

    def sync(self):
        """Returns when the bridge has seen everything sent so far: its answers come in order."""
        self.ask(BAUDRATE, bytes(4))

    def modem_states(self, start=0):
        head = bytes([COM_PORT, MODEMSTATE + SERVER])
        return [event[1][2] for event in self.events[start:] if event[0] == "sb" and event[1].startswith(head)]

    def wait_modem_state(self, matches, start=0):
        head = bytes([COM_PORT, MODEMSTATE + SERVER])
        event = self.wait_event(lambda e: e[0] == "sb" and e[1].startswith(head) and matches(e[1][2]), start)
        return event[1][2]
