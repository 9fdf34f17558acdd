"""The bridge itself stands still for a while, as on a machine that was suspended, and goes on where it was."""

import os
import shlex
import signal
import subprocess

from support.bridge import micropython
from support.repl import RAW_BANNER, REBOOT, RESET
from support.session import Session, next_bytes
from support.waiting import wait_until

REENTRY_DEADLINE = 10.0


def test_stop_does_not_count_as_time_that_micropython_took(start_bridge, tmp_path):
    """Longer than a process may take to its raw REPL after a soft reset: it came there as soon as it was let."""
    gate, script = tmp_path / "gate", tmp_path / "micropython"
    interpreter = shlex.quote(os.path.abspath(micropython()))
    script.write_text(f'#!/bin/sh\n[ -p "{gate}" ] && read -r _ <"{gate}"\nexec {interpreter} "$@"\n')
    script.chmod(0o755)
    session = Session(start_bridge("-v", "--standby", "0", board=script), "socket", "raw")
    bridge = session.bridge
    os.mkfifo(gate)
    old = bridge.board_pid()
    session.client.send(RESET)
    next_bytes(session.client, b"OK\r\n" + REBOOT)
    wait_until(lambda: bridge.board_pid() != old, "the next process is there")
    bridge.wait_until_idle()

    bridge.signal(signal.SIGSTOP)
    try:
        bridge.process.wait(REENTRY_DEADLINE + 1)
    except subprocess.TimeoutExpired:
        gate.write_text("\n")
    finally:
        bridge.signal(signal.SIGCONT)

    next_bytes(session.client, RAW_BANNER)
    session.nothing_more()
    assert "WARNING" not in bridge.log_text()
