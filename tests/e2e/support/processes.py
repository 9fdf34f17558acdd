"""What /proc says about the bridge and the processes below it."""

import os
import signal
import termios

import pytest

# The beginning of the name lets it into a cage, too.
MARKER = "MICROPY_E2E_MARKER"


def _numeric_entries():
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def _read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def stat_fields(pid):
    """The fields of /proc/PID/stat after the name, or [] when the process is gone: state, ppid, pgrp, session, tty."""
    text = _read(pid, "stat").decode(errors="replace")
    return text.rpartition(")")[2].split()


def state(pid):
    fields = stat_fields(pid)
    return fields[0] if fields else None


def is_running(pid):
    return state(pid) not in (None, "Z", "X")


def exists(pid):
    return state(pid) is not None


def children(pid):
    return [child for child in _numeric_entries() if (stat_fields(child) + ["", ""])[1] == str(pid)]


def zombie_children(pid):
    return [child for child in children(pid) if state(child) == "Z"]


def command_line(pid):
    return _read(pid, "cmdline").decode(errors="replace").split("\0")[:-1]


def status(pid, field):
    for line in _read(pid, "status").decode(errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return value.strip()
    return None


def open_files(pid):
    """Maps each descriptor of a process to what it refers to."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except OSError:
            pass
    return found


def cpu_seconds(pid):
    fields = stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def steps(pid):
    """Changes with every step a process takes: its time on a CPU, and how often it was put on one and left it."""
    switches = [status(pid, f"{kind}_ctxt_switches") for kind in ("voluntary", "nonvoluntary")]
    return [*_read(pid, "schedstat").split(), *switches]


def cpu_nanoseconds(pid):
    return int(_read(pid, "schedstat").split()[0])


def started(pid):
    """When a process was started, in seconds since the machine was."""
    fields = stat_fields(pid)
    return int(fields[19]) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def age(pid):
    with open("/proc/uptime", encoding="ascii") as file:
        return float(file.read().split()[0]) - started(pid)


def waits_at_prompt(pid):
    """Whether it is a MicroPython that reads at a prompt: it clears its terminal's local flags, of which one is set."""
    try:
        terminal = os.open(f"/proc/{pid}/fd/0", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return termios.tcgetattr(terminal)[3] == 0 and state(pid) == "S"
    except termios.error:
        return False
    finally:
        os.close(terminal)


def memory_mib(pid):
    return int(status(pid, "VmRSS").split()[0]) / 1024


def peak_memory_mib(pid):
    """Skips the test where it would be a sanitizer's memory: no other program reserves a whole TiB."""
    if int(status(pid, "VmSize").split()[0]) >= 1 << 30:
        pytest.skip("it runs under a sanitizer")
    return int(status(pid, "VmHWM").split()[0]) / 1024


def environment(pid):
    """What a process was started with."""
    words = _read(pid, "environ").decode(errors="replace").split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)


def with_environment(setting):
    """Every living process that was started with this NAME=value in its environment."""
    return [pid for pid in _numeric_entries() if setting in _read(pid, "environ").split(b"\0") and is_running(pid)]


def marked(value):
    """The bridge started with this marker, its board, and their offspring."""
    return with_environment(f"{MARKER}={value}".encode())


def kill_marked(value):
    for pid in marked(value):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def is_listening(port):
    """True once somebody listens on the TCP port, found without connecting: a connection would be a client."""
    return any(_listens(table, port) for table in ("/proc/net/tcp", "/proc/net/tcp6"))


def _listens(table, port):
    try:
        with open(table, encoding="ascii") as file:
            rows = [line.split() for line in file][1:]
    except OSError:
        return False
    return any(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows)


def keepalive_seconds(local_port, remote_port):
    """Seconds until the kernel probes the peer of a connection, or None while no such timer runs."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table, encoding="ascii") as file:
            for row in [line.split() for line in file][1:]:
                ends = [int(row[column].rpartition(":")[2], 16) for column in (1, 2)]
                timer, _, when = row[5].partition(":")
                if ends == [local_port, remote_port] and timer == "02":
                    return int(when, 16) / os.sysconf("SC_CLK_TCK")
    return None
