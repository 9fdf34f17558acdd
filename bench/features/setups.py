"""The programs that are compared, each in the configurations that may serve MicroPython best."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from suite import peers
from suite.peers import LOCALHOST, RAW, RFC2217, Command, Subject
from suite.row import Context

DEVICE = "board"
"""The name of the serial device in the server's folder, if there is one."""

_BOARD = """#!/bin/sh
trap : INT
stty raw -echo {flags}
while :; do "$@"; printf 'MPY: soft reboot\\r\\n'; done
"""

_KEPT = "socat PTY,link=board,rawer EXEC:'sh board.sh {program}',pty,setsid,ctty,rawer"
_WITH_DEVICE = _KEPT + " &\nuntil [ -e board ]; do sleep 0.01; done\n"
_LISTEN = "exec socat TCP-LISTEN:{raw},bind={host},reuseaddr,nodelay"
_DIRECT = " EXEC:'sh board.sh {program}',pty,setsid,ctty,rawer"
_SER2NET = "exec /usr/sbin/ser2net -n -u -c ser2net.yaml"

_RAW_CONNECTION = """%YAML 1.1
---
connection: &raw
  accepter: tcp(nodelay=true),{host},{raw}
  connector: {connector}
  options:
    chardelay: false
"""

_RFC2217_CONNECTION = """connection: &rfc2217
  accepter: telnet(rfc2217=true),tcp(nodelay=true),{host},{rfc2217}
  connector: {connector}
  options:
    chardelay: false
"""

_PROGRAM = "pty(raw),setsid -c -w sh board.sh {program}"
_SERIAL_DEVICE = "serialdev,board,115200n81,local"


@dataclass(frozen=True)
class Script:
    """A tool in a configuration: a few lines of shell, and its files."""

    name: str
    script: str
    protocols: tuple[str, ...] = (RAW,)
    flags: str = "isig quit undef susp undef"
    """For stty, beside raw."""
    connector: str = ""
    """Of ser2net."""

    def command(self, program: Path, ports: dict[str, int], folder: Path) -> list[str]:
        values = {"host": LOCALHOST, "program": program, **ports}
        (folder / "board.sh").write_text(_BOARD.format(flags=self.flags))
        configuration = _RAW_CONNECTION + (_RFC2217_CONNECTION if RFC2217 in ports else "")
        connector = self.connector.format(**values)
        (folder / "ser2net.yaml").write_text(configuration.format(connector=connector, **values))
        return ["sh", "-c", self.script.format(**values)]


@dataclass(frozen=True)
class Setup:
    """One configuration of a program."""

    program: str
    """The head of its column."""
    subject: Subject
    variant: str = ""
    has_device: bool = False
    rfc2217_query: str = ""
    """What pyserial has to be told in the URL for this server."""

    @property
    def remark(self) -> str:
        """What has to be known of a configuration that is one of several."""
        url = f"clients connect to `rfc2217://HOST:PORT{self.rfc2217_query}`" if self.rfc2217_query else ""
        return "; ".join(filter(None, [self.variant, url]))


def all_setups(context: Context) -> list[Setup]:
    """The configurations of one program stand together."""
    device = ("--pty-link", DEVICE)
    bridge = Setup("mpremote-bridge", peers.bridge(context.bridge).with_options(*device), has_device=True)
    in_python = [Setup(peer.name, peer) for peer in context.peers if isinstance(peer, Command)]
    return [bridge, *_named_peers(in_python), *_ser2net(), *_socat()]


def _named_peers(setups: list[Setup]) -> list[Setup]:
    """Those that serve both protocols; the bench's own under a name that says more."""
    names = {"python": "plain Python bridge"}
    chosen = [setup for setup in setups if RFC2217 in setup.subject.protocols]
    return [Setup(names.get(setup.program, setup.program), setup.subject) for setup in reversed(chosen)]


def _ser2net() -> list[Setup]:
    if not Path("/usr/sbin/ser2net").exists():
        return []
    both = (RAW, RFC2217)
    device = Script("device", _WITH_DEVICE + _SER2NET, both, connector=_SERIAL_DEVICE)
    return [
        Setup("ser2net", Script("program", _SER2NET, connector=_PROGRAM), "runs the program"),
        Setup("ser2net", device, "serves a device made by socat", True, "?ign_set_control"),
    ]


def _socat() -> list[Setup]:
    if not shutil.which("socat"):
        return []
    to_device = _WITH_DEVICE + _LISTEN + ",fork,max-children=1 FILE:board,rawer"
    return [
        Setup("socat", Script("once", _LISTEN + _DIRECT), "runs the program, without fork"),
        Setup("socat", Script("fork", _LISTEN + ",fork" + _DIRECT), "runs the program, with fork"),
        Setup("socat", Script("device", to_device), "serves a device made by socat", True),
        Setup("socat", Script("no isig", to_device, flags="-isig"), "serves a device made by socat, without isig", True),
    ]
