"""Asking a running bridge: with its own executable, or by hand at its control socket."""

import json
import re
import socket

from .bridge import run_once
from .waiting import DEADLINE, wait_until


def ask(path, *words, **kwargs):
    """What the bridge's client side prints; it must be content."""
    result = run_once("--control", path, *words, **kwargs)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def status(path):
    return json.loads(ask(path, "--status", "--json"))


def wait_for_status(path, condition, what):
    """Ask until the state is as wanted; returns it."""
    found = {}

    def asked():
        found.update(status(path))
        return condition(found)

    wait_until(asked, what)
    return found


def metrics(path):
    """The samples, by name and labels, of text that keeps to the rules of the format."""
    samples, described = {}, {}
    text = ask(path, "--metrics")
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# "):
            kind, name, rest = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line).groups()
            assert kind not in described.setdefault(name, {}), line
            described[name][kind] = rest
            continue
        name, labels, value = re.fullmatch(r'([a-z_]+)(\{(?:[a-z0-9_]+="[^"\\]*",?)+\})? ([0-9.]+)', line).groups()
        assert set(described[name]) == {"HELP", "TYPE"}, line
        assert name == list(described)[-1], f"not with its own kind: {line}"
        assert (described[name]["TYPE"] == "counter") == name.endswith("_total"), line
        assert name.startswith("mpremote_bridge_"), line
        samples[name.removeprefix("mpremote_bridge_") + (labels or "")] = float(value)
    return samples


class Visitor:
    """Somebody at the control socket who does as it likes."""

    def __init__(self, path, data=b""):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(str(path))
        self.send(data)

    def send(self, data):
        self.socket.sendall(data)

    def end_of_input(self):
        self.socket.shutdown(socket.SHUT_WR)

    def answer(self):
        """All that comes until the bridge closes, in whatever way."""
        got = b""
        try:
            while chunk := self.socket.recv(1 << 16):
                got += chunk
        except ConnectionResetError:
            pass
        return got

    def close(self):
        self.socket.close()
