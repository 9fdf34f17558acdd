"""Talking to MicroPython over any client, in the friendly REPL, the raw REPL and raw-paste mode."""

FRIENDLY_PROMPT = b">>> "
RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n>"
REBOOT = b"MPY: soft reboot\r\n"
INTERRUPT, RESET, RAW, FRIENDLY = b"\x03", b"\x04", b"\x01", b"\x02"


def banner(client):
    """The start of a board that no client has seen yet, up to its prompt."""
    return client.read_until(FRIENDLY_PROMPT)


def typed(client, line):
    """Type one line at the friendly prompt; returns what came between its echo and the next prompt."""
    data = line.encode()
    client.send(data + b"\r")
    client.read_until(data + b"\r\n")
    return client.read_until(FRIENDLY_PROMPT)[: -len(FRIENDLY_PROMPT)]


def fresh_prompt(client):
    """A prompt for a client that comes to a board which shows its friendly prompt to nobody."""
    client.send(b"\r")
    client.read_until(b"\r\n" + FRIENDLY_PROMPT)


def enter_raw(client):
    client.send(RAW)
    return client.read_until(RAW_BANNER)


def exec_raw(client, code):
    """Run code in the raw REPL; returns its output and its error text."""
    RawMode.start(client, code)
    return RawMode.finish(client)


def board_pid(client):
    """The board's own process as a shell started by it sees it; at the friendly prompt."""
    client.send(b"import os; _ = os.system('echo pid=$PPID.')\r")
    client.read_until(b"\r\n")
    client.read_until(b"pid=")
    pid = int(client.read_until(b".")[:-1])
    client.read_until(FRIENDLY_PROMPT)
    return pid


class FriendlyMode:
    """The friendly REPL: code is typed as one line, errors are part of the output."""

    name = "friendly"

    @staticmethod
    def enter(client):
        fresh_prompt(client)

    @staticmethod
    def start(client, code):
        line = f"exec({code!r})".encode()
        client.send(line + b"\r")
        client.read_until(line + b"\r\n")

    @staticmethod
    def finish(client):
        text = client.read_until(FRIENDLY_PROMPT)[: -len(FRIENDLY_PROMPT)]
        output, mark, error = text.partition(b"Traceback")
        return output, mark + error


class RawMode:
    """The raw REPL: output and errors come apart, each ended by 0x04."""

    name = "raw"

    @staticmethod
    def enter(client):
        enter_raw(client)

    @staticmethod
    def start(client, code):
        client.send(code.encode() + RESET)
        assert client.read_exact(2) == b"OK"

    @staticmethod
    def finish(client):
        output = client.read_until(b"\x04")[:-1]
        error = client.read_until(b"\x04")[:-1]
        assert client.read_exact(1) == b">"
        return output, error


class RawPasteMode(RawMode):
    """mpremote's default: the raw REPL with flow control for the code."""

    name = "raw-paste"

    @staticmethod
    def start(client, code):
        client.send(b"\x05A\x01")
        assert client.read_exact(2) == b"R\x01"
        window = int.from_bytes(client.read_exact(2), "little")
        data, room = code.encode(), 0
        while data:
            if not room:
                assert client.read_exact(1) == b"\x01"
                room = window
            client.send(data[:room])
            data, room = data[room:], max(0, room - len(data))
        client.send(RESET)
        _acknowledged(client)


def _acknowledged(client):
    """The end of raw-paste input is confirmed with 0x04, after what flow control still had to say."""
    flow = client.read_until(b"\x04")[:-1]
    assert flow.strip(b"\x01") == b""


MODES = [FriendlyMode, RawMode, RawPasteMode]


def run(client, mode, code):
    """Run code to its end and return its output; an exception in it is an error here."""
    mode.start(client, code)
    output, error = mode.finish(client)
    assert error == b"", error
    return output
