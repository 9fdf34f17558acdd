"""A client of a REPL over pyserial, and mpremote."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import serial

from suite.errors import MeasurementError
from suite.row import Context

PATIENCE = 5.0
"""Seconds for an answer that takes milliseconds."""

_RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"


class Repl:
    """Sends, and waits for answers."""

    def __init__(self, port: serial.Serial) -> None:
        self._port = port

    def send(self, data: bytes) -> None:
        self._port.write(data)

    def expect(self, ending: bytes, what: str, patience: float = PATIENCE) -> bytes:
        self._port.timeout = patience
        try:
            data: bytes = self._port.read_until(ending)
        except serial.SerialException as error:
            raise MeasurementError(f"the connection is closed before {what}") from error
        if not data.endswith(ending):
            raise MeasurementError(f"no {what} within {patience:g} s")
        return data

    def take(self, count: int, what: str) -> bytes:
        self._port.timeout = PATIENCE
        try:
            data: bytes = self._port.read(count)
        except serial.SerialException as error:
            raise MeasurementError(f"the connection is closed before {what}") from error
        return data

    def set_baud_rate(self, rate: int) -> None:
        self._port.baudrate = rate

    def is_clear_to_send(self) -> bool:
        return bool(self._port.cts)

    def synchronise(self) -> None:
        """Until it answers: keys are lost while the program is not ready for them."""
        for number in range(101, 111):
            try:
                self.send(b"\rprint(%d * 1000)\r" % number)
                self.expect(b"%d000" % number, "answer of the REPL", PATIENCE / 10)
                self.expect(b">>> ", "prompt")
                return
            except MeasurementError as error:
                failure = error
        raise failure

    def value(self, expression: str) -> str:
        self.send(f"print('<%s>' % ({expression}))\r".encode())
        answer = self.expect(b">>> ", "prompt")
        found = re.search(rb"\n<(.*)>\r?\n", answer)
        if not found:
            raise MeasurementError("the REPL answers with an error")
        return found.group(1).decode()

    def enter_raw(self) -> None:
        self.send(b"\r\x01")
        self.expect(_RAW_PROMPT, "raw REPL")

    def run(self, code: str) -> None:
        """Start it in the raw REPL."""
        self.send(code.encode() + b"\x04")
        self.expect(b"OK", "start of the program")

    def reset_raw(self) -> None:
        self.send(b"\x04")
        self.expect(_RAW_PROMPT, "raw REPL after a reset")


@contextmanager
def connected(url: str) -> Iterator[Repl]:
    """A client whose REPL may not have answered yet."""
    try:
        port = serial.serial_for_url(url, timeout=PATIENCE)
    except serial.SerialException as error:
        raise MeasurementError(f"pyserial cannot open it: {error}") from error
    with port:
        yield Repl(port)


@contextmanager
def at_prompt(url: str) -> Iterator[Repl]:
    with connected(url) as repl:
        repl.synchronise()
        yield repl


def mpremote(context: Context, where: str, *words: str) -> str:
    """What it prints."""
    command = [str(context.scripts / "mpremote"), "connect", where, *words]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=4 * PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MeasurementError("mpremote does not end") from error
    if done.returncode != 0:
        last = f"no reason given\n{done.stdout}{done.stderr}".strip().splitlines()[-1].removeprefix("mpremote: ")
        raise MeasurementError(f"mpremote: {re.sub('^.*(Error|Exception): ', '', last).replace(where, 'the port')}")
    return done.stdout.strip()
