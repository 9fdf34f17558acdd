"""What is tried, each with a server of its own. A trial returns its cell, or raises MeasurementError with the reason."""

from __future__ import annotations

import os
import pty
import re
import select
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from features.repl import PATIENCE, Repl, at_prompt, connected, mpremote
from features.setups import DEVICE, Setup
from suite import processes, waiting
from suite.errors import MeasurementError
from suite.peers import LOCALHOST, RAW, RFC2217, Server
from suite.row import Context

_ALL_BYTES = bytes(range(256))
_RESETS = 50
_RUNS = 5
_SILENCE = 3.0
"""Seconds after which a client that is told nothing would give up."""


@dataclass(frozen=True)
class Subject:
    """A configuration that runs."""

    context: Context
    setup: Setup
    server: Server

    def url(self, protocol: str) -> str:
        if protocol == RAW:
            return f"socket://{LOCALHOST}:{self.server.ports[RAW]}"
        if protocol not in self.server.ports:
            raise MeasurementError("RFC 2217 is not offered")
        return f"rfc2217://{LOCALHOST}:{self.server.ports[RFC2217]}{self.setup.rfc2217_query}"


Trial = Callable[[Subject], float | None]
"""Gives a figure, or nothing where the answer is yes."""


@dataclass(frozen=True)
class Question:
    """A row of the table."""

    text: str
    trial: Trial
    unit: str = ""


def _hello(subject: Subject, protocol: str, *words: str) -> None:
    where = subject.url(protocol)
    for _ in range(2):
        _check(mpremote(subject.context, where, *words, "exec", "print('Hello')"), "Hello")


def _check(seen: object, expected: object) -> None:
    if seen != expected:
        raise MeasurementError(f"the answer is {seen!r}")


def _mount(subject: Subject) -> None:
    folder = subject.server.folder / "mounted"
    folder.mkdir()
    (folder / "greeting.py").write_text("print('Hello')\n")
    words = ("resume", "mount", str(folder), "exec", "import greeting")
    answer = mpremote(subject.context, subject.url(RAW), *words)
    _check("Hello" in answer, True)


def _bytes_out(subject: Subject, protocol: str) -> None:
    with at_prompt(subject.url(protocol)) as repl:
        repl.enter_raw()
        repl.run("import sys\nsys.stdout.buffer.write(bytes(range(256)) * 4)")
        _check_bytes(repl.take(4 * len(_ALL_BYTES), "output"), 4 * _ALL_BYTES)


def _bytes_in(subject: Subject, protocol: str) -> None:
    """As `mpremote mount` sends them: a program may switch off Ctrl-C and read any byte."""
    with at_prompt(subject.url(protocol)) as repl:
        repl.enter_raw()
        repl.run(
            "import sys, micropython\nmicropython.kbd_intr(-1)\nprint('ready')\n"
            "data = sys.stdin.buffer.read(256)\nmicropython.kbd_intr(3)\nprint(data == bytes(range(256)))"
        )
        repl.expect(b"ready\n", "answer of the program")
        repl.send(_ALL_BYTES)
        _check("True" in repl.expect(b"\x04>", "end of the program").decode(errors="replace"), True)


def _check_bytes(seen: bytes, expected: bytes) -> None:
    if seen != expected:
        raise MeasurementError("bytes are changed or missing")


def _interrupt(subject: Subject, protocol: str) -> None:
    with at_prompt(subject.url(protocol)) as repl:
        repl.enter_raw()
        repl.run("print('run' + 'ning')\nwhile True: pass")
        repl.expect(b"running\n", "answer of the program")
        repl.send(b"\x03")
        repl.expect(b"KeyboardInterrupt: \n\x04>", "KeyboardInterrupt")


def _keep_state(subject: Subject) -> None:
    with at_prompt(subject.url(RAW)) as repl:
        repl.send(b"x = 42\r")
        repl.expect(b">>> ", "prompt")
    with at_prompt(subject.url(RAW)) as repl:
        _check_state(repl.value("globals().get('x')"), "42")


def _check_state(seen: str, expected: str) -> None:
    if seen != expected:
        raise MeasurementError(f"x is {seen} then")


def _friendly_resets(subject: Subject) -> None:
    with at_prompt(subject.url(RAW)) as repl:
        _repeat(partial(_friendly_reset, repl))


def _friendly_reset(repl: Repl) -> None:
    repl.send(b"x = 42\r")
    repl.expect(b">>> ", "prompt")
    repl.send(b"\x04")
    repl.expect(b">>> ", "prompt after a reset")
    _check_state(repl.value("globals().get('x')"), "None")


def _raw_resets(subject: Subject) -> None:
    with at_prompt(subject.url(RAW)) as repl:
        repl.enter_raw()
        _repeat(partial(_raw_reset, repl))


def _raw_reset(repl: Repl) -> None:
    repl.run("x = 42")
    repl.expect(b"\x04\x04>", "end of the program")
    repl.reset_raw()
    repl.run("print(globals().get('x'))")
    _check(repl.expect(b"\x04\x04>", "end of the program"), b"None\n\x04\x04>")


def _repeat(step: Callable[[], None]) -> None:
    for number in range(1, _RESETS + 1):
        try:
            step()
        except MeasurementError as error:
            raise MeasurementError(f"in reset {number}: {error}") from error


def _refusal(subject: Subject, protocol: str) -> float:
    """Milliseconds until a second client knows."""
    subject.url(protocol)
    with at_prompt(subject.url(RAW)) as repl:
        repl.send(b"x = 42\r")
        repl.expect(b">>> ", "prompt")
        begin = time.perf_counter()
        with socket.create_connection((LOCALHOST, subject.server.ports[protocol]), PATIENCE) as second:
            told, closed = _what_it_gets(second)
            duration = time.perf_counter() - begin
            if closed and re.search(rb"busy|in use", told):
                return duration * 1e3
            if closed:
                raise MeasurementError("it is closed without a word")
            raise MeasurementError(_what_else(second, told))


def _what_it_gets(second: socket.socket) -> tuple[bytes, bool]:
    """Until it is closed, or nothing comes any more."""
    second.settimeout(_SILENCE)
    told = b""
    try:
        while some := second.recv(4096):
            told += some
    except TimeoutError:
        return told, False
    except ConnectionResetError:
        pass
    return told, True


def _what_else(second: socket.socket, told: bytes) -> str:
    second.sendall(b"\rprint('<%s>' % globals().get('x'))\r")
    answer, _ = _what_it_gets(second)
    if b"<42>" in answer:
        return "it shares the REPL with the first, and each gets a part of the output"
    if b"<None>" in answer:
        return "it gets an interpreter of its own"
    return f"it waits, told nothing for {_SILENCE:g} s" if not told else f"it waits after {told[-40:]!r}"


def _modem_lines(subject: Subject) -> None:
    """As pyserial opens it without being told what the server lacks."""
    url = subject.url(RFC2217).partition("?")[0]
    with connected(url) as repl:
        repl.set_baud_rate(9600)
        _check(repl.is_clear_to_send(), True)


def _interactive(subject: Subject) -> None:
    """`mpremote repl` with a terminal of its own, at the serial device if there is one."""
    where = str(subject.server.folder / DEVICE) if subject.setup.has_device else subject.url(RAW)
    command = [str(subject.context.scripts / "mpremote"), "connect", where, "resume", "repl"]
    user, terminal = pty.openpty()
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True) as process:
        os.close(terminal)
        try:
            _wait_for(user, rb"Ctrl-x to exit this shell\r\n")
            os.write(user, b"print(6 * 7000)\r")
            _wait_for(user, rb"42000\r?\n>>> ")
        finally:
            process.kill()
            os.close(user)


def _wait_for(terminal: int, pattern: bytes) -> None:
    shown = b""
    while not re.search(pattern, shown):
        some = _read(terminal)
        shown += some
        if not some:
            error = re.search(r"Error: ([^\r\n.]*)", shown.decode(errors="replace"))
            raise MeasurementError(f"mpremote: {error.group(1)}" if error else "no answer in the terminal")


def _read(terminal: int) -> bytes:
    """Nothing when the program has ended, or is silent."""
    try:
        return os.read(terminal, 4096) if select.select([terminal], [], [], 2 * PATIENCE)[0] else b""
    except OSError:
        return b""


def _flood(subject: Subject) -> None:
    """A megabyte while nobody is there, then the board is asked."""
    go, done = subject.server.folder / "go", subject.server.folder / "done"
    with at_prompt(subject.url(RAW)) as repl:
        repl.enter_raw()
        repl.run(
            f"import os\nprint('run' + 'ning')\nwhile {go.name!r} not in os.listdir({str(go.parent)!r}): pass\n"
            f"for _ in range(10000): print('x' * 99)\nopen({str(done)!r}, 'w').close()"
        )
        repl.expect(b"running\n", "answer of the program")
    go.touch()
    try:
        waiting.wait_until(done.exists, "the end of the program")
    except MeasurementError as error:
        raise MeasurementError("the program ends or stands still when the client leaves") from error
    with connected(subject.url(RAW)) as repl:
        repl.send(b"\r\x02")
        repl.synchronise()


def _memory(subject: Subject) -> float:
    """MiB of all its processes but the interpreter's, while a client is connected."""
    with at_prompt(subject.url(RAW)):
        return sum(_resident(pid) for pid in _serving(subject, subject.server.pid))


def _serving(subject: Subject, pid: int) -> list[int]:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    if bytes(subject.context.micropython) in words[:2]:
        return []
    return [pid, *(each for child in processes.children(pid) for each in _serving(subject, child))]


def _resident(pid: int) -> float:
    return processes.mebibytes(pid, "smaps_rollup", "Rss")


def _exec_time(subject: Subject, protocol: str) -> float:
    durations = []
    for _ in range(_RUNS):
        begin = time.perf_counter()
        _check(mpremote(subject.context, subject.url(protocol), "resume", "exec", "print('Hello')"), "Hello")
        durations.append(time.perf_counter() - begin)
    return median(durations)


QUESTIONS = (
    Question("`mpremote exec` over `socket://`", partial(_hello, protocol=RAW)),
    Question("`mpremote resume exec` over `socket://`", lambda subject: _hello(subject, RAW, "resume")),
    Question("`mpremote exec` over `rfc2217://`", partial(_hello, protocol=RFC2217)),
    Question("`mpremote resume exec` over `rfc2217://`", lambda subject: _hello(subject, RFC2217, "resume")),
    Question("`mpremote mount` over `socket://`", _mount),
    Question("`mpremote repl` (needs a serial device)", _interactive),
    Question("output of all byte values unchanged, `socket://`", partial(_bytes_out, protocol=RAW)),
    Question("output of all byte values unchanged, `rfc2217://`", partial(_bytes_out, protocol=RFC2217)),
    Question("input of all byte values unchanged, `socket://`", partial(_bytes_in, protocol=RAW)),
    Question("input of all byte values unchanged, `rfc2217://`", partial(_bytes_in, protocol=RFC2217)),
    Question("Ctrl-C ends `while True: pass`, `socket://`", partial(_interrupt, protocol=RAW)),
    Question("Ctrl-C ends `while True: pass`, `rfc2217://`", partial(_interrupt, protocol=RFC2217)),
    Question("variables are kept from one connection to the next", _keep_state),
    Question(f"{_RESETS} soft resets in a row, REPL", _friendly_resets),
    Question(f"{_RESETS} soft resets in a row, raw REPL", _raw_resets),
    Question("a second client is told that the board is busy, after", partial(_refusal, protocol=RAW), "ms"),
    Question("the same at the RFC 2217 port, after", partial(_refusal, protocol=RFC2217), "ms"),
    Question("baud rate and modem lines are answered over RFC 2217", _modem_lines),
    Question("a program that prints 1 MB while nobody is connected runs on", _flood),
    Question("resident memory without MicroPython", _memory, "MiB"),
    Question("`mpremote resume exec` over `socket://` takes", partial(_exec_time, protocol=RAW), "s"),
    Question("`mpremote resume exec` over `rfc2217://` takes", partial(_exec_time, protocol=RFC2217), "s"),
)
