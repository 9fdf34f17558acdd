"""What the units of mpremote-bridge do in a booted system: that of scripts/test-service, where trial.service runs this.

It changes the system, so it is to be run nowhere else.
"""

import os
import pwd
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

SERVICE = "mpremote-bridge.service"
SOCKETS = ["mpremote-bridge-rfc2217.socket", "mpremote-bridge-raw.socket"]
DROP_INS = Path("/run/systemd/system")
DEADLINE = 40
RFC2217, RAW = 2217, 2218


# -- the system


def systemctl(*words, check=True):
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=check).stdout.strip()


def show(field, unit=SERVICE):
    return systemctl("show", "--value", "-p", field, unit)


def journal(unit=SERVICE):
    subprocess.run(["journalctl", "--sync"], check=True)
    command = ["journalctl", "-o", "cat", "--no-pager", f"UNIT={unit}", "+", f"_SYSTEMD_UNIT={unit}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {DEADLINE} s in vain: {what}"
        time.sleep(0.02)
    return value


def drop_in(unit, text):
    """Takes effect at the next start. No text: as it is shipped."""
    file = DROP_INS / f"{unit}.d" / "trial.conf"
    file.unlink(missing_ok=True)
    if text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    systemctl("daemon-reload")


def shipped_command(unit=SERVICE):
    return re.search("^ExecStart=(.*)$", Path("/usr/lib/systemd/system", unit).read_text(), re.MULTILINE)[1]


def processes(unit=SERVICE):
    """All of the unit's control group, wherever cgroups are mounted."""
    group = re.compile(f"/{re.escape(unit)}$", re.MULTILINE)
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if group.search(read(pid, "cgroup"))]


def read(pid, name):
    """Nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_over(unit=SERVICE):
    return show("ActiveState", unit) in ("inactive", "failed") and not processes(unit)


def stop(*units):
    systemctl("stop", *units)
    for unit in units:
        wait_until(lambda unit=unit: is_over(unit), f"nothing of {unit} is left")


def main_pid(unit=SERVICE):
    return int(show("MainPID", unit))


def restarted(former, unit=SERVICE):
    return wait_until(
        lambda: show("ActiveState", unit) == "active" and main_pid(unit) not in (0, former), f"{unit} is active again"
    )


def environment(pid):
    return dict(word.partition("=")[::2] for word in read(pid, "environ").split("\0") if word)


def user(pid):
    return int(re.search(r"^Uid:\s+(\d+)", read(pid, "status"), re.MULTILINE)[1])


def listening():
    """Every TCP port on which somebody listens, with the address."""
    found = set()
    for table, loopback in (("tcp", "0100007F"), ("tcp6", "0" * 24 + "01000000")):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            address, _, port = row.split()[1].rpartition(":")
            if row.split()[3] == "0A":
                found.add((int(port, 16), "loopback" if address == loopback else address))
    return found


# -- clients


class Client:
    """Of the raw port; of RFC 2217's as far as one can go who does not answer telnet's questions."""

    def __init__(self, port=RAW, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=DEADLINE)
        self.seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read_until(self, token):
        while token not in self.seen:
            chunk = self.socket.recv(4096)
            assert chunk, f"closed while waiting for {token!r}, after {self.seen!r}"
            self.seen += chunk
        text, _, self.seen = self.seen.partition(token)
        return text

    def run(self, code):
        """What the board prints; at a prompt."""
        self.socket.sendall(code.encode() + b"\r")
        self.read_until(b"\n")
        return self.read_until(b">>> ").decode().strip()

    def name(self):
        return "{}:{}".format(*self.socket.getsockname()[:2])


def prompt(client):
    """The board's prompt, whether it has been shown to somebody before or not."""
    client.socket.sendall(b"\r")
    client.read_until(b">>> ")
    client.socket.sendall(b"print('all', 'seen')\r")
    client.read_until(b"all seen\r\n>>> ")


def status_is(text):
    wait_until(lambda: show("StatusText") == text, f"the status is {text!r}")


# -- the trial


def it_is_ready_when_start_returns():
    systemctl("start", SERVICE)
    assert show("ActiveState") == "active"
    assert show("StatusText") == "Waiting for a client"
    assert {(RFC2217, "loopback"), (RAW, "loopback")} == {each for each in listening() if each[0] in (RFC2217, RAW)}
    print(systemctl("status", "--no-pager", "--lines=0", SERVICE))


def it_tells_who_is_connected():
    with Client() as client:
        prompt(client)
        assert client.run("print(6 * 7)") == "42"
        status_is(f"Client {client.name()} (raw socket)")
        print(systemctl("status", "--no-pager", "--lines=0", SERVICE).splitlines()[5].strip())
    status_is("Waiting for a client")
    with Client(RFC2217) as client:
        client.socket.sendall(b"\r")
        client.read_until(b">>> ")
        status_is(f"Client {client.name()} (RFC 2217)")
    status_is("Waiting for a client")


def it_has_a_serial_device():
    device = os.open("/run/mpremote-bridge/board", os.O_RDWR | os.O_NOCTTY)
    status_is(f"Client {os.path.realpath('/run/mpremote-bridge/board')} (serial device)")
    os.write(device, b"\r")
    while b">>> " not in os.read(device, 4096):
        pass
    os.close(device)
    status_is("Waiting for a client")


def it_is_a_user_of_its_own():
    uids = {user(pid) for pid in processes()}
    assert uids == {pwd.getpwnam("mpremote-bridge").pw_uid}, uids
    assert 61184 <= min(uids) <= 65519, uids


def it_keeps_its_files_in_its_state_directory():
    with Client() as client:
        prompt(client)
        client.run("f = open('kept.txt', 'w'); f.write('data'); f.close()")
        assert "OSError" in client.run("open('/etc/kept.txt', 'w')")
        assert "OSError" in client.run("open('/root/.profile')")
    kept = Path("/var/lib/mpremote-bridge/kept.txt")
    assert kept.read_text() == "data"
    systemctl("restart", SERVICE)
    with Client() as client:
        prompt(client)
        assert client.run("print(open('kept.txt').read())") == "data"


def the_board_knows_nothing_of_the_service_manager():
    boards = [pid for pid in processes() if pid != main_pid()]
    assert boards
    for pid in boards:
        names = environment(pid)
        assert not [name for name in names if re.match("NOTIFY_SOCKET|WATCHDOG_|LISTEN_", name)], names
    assert {"NOTIFY_SOCKET", "WATCHDOG_USEC"} <= environment(main_pid()).keys()


def stop_leaves_no_process():
    with Client() as client:
        prompt(client)
        client.run("import os; os.system('setsid sleep 1000 < /dev/null > /dev/null 2>&1 &')")
        client.socket.sendall(b"while True: pass\r\r\r")
        wait_until(lambda: any("sleep" in read(pid, "comm") for pid in processes()), "the board has a child")
        left = processes()
        assert len(left) >= 3, left
        systemctl("stop", SERVICE)
    assert show("Result") == "success" and is_over()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), "all processes are gone")


def kill_is_followed_by_a_restart():
    systemctl("start", SERVICE)
    former, board = main_pid(), processes()
    os.kill(former, signal.SIGKILL)
    restarted(former)
    assert show("NRestarts") == "1"
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in board), "the former board is gone")
    with Client() as client:
        prompt(client)
        assert client.run("print(6 * 7)") == "42"


def sighup_ends_it_in_order():
    os.kill(main_pid(), signal.SIGHUP)
    wait_until(is_over, "it has ended")
    assert show("Result") == "success" and show("ExecMainStatus") == "0"


def the_watchdog_finds_a_bridge_that_hangs():
    drop_in(SERVICE, "[Service]\nWatchdogSec=2\n")
    systemctl("start", SERVICE)
    former, board = main_pid(), processes()
    beats = show("WatchdogTimestampMonotonic")
    wait_until(lambda: show("WatchdogTimestampMonotonic") > beats, "the watchdog hears from it")
    assert show("NRestarts") == "0" and main_pid() == former
    os.kill(former, signal.SIGSTOP)
    restarted(former)
    assert "Watchdog timeout" in journal()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in board), "the former board is gone")
    print(next(line for line in journal().splitlines() if "Watchdog timeout" in line))
    stop(SERVICE)
    drop_in(SERVICE, None)


def a_wrong_option_is_not_tried_again():
    drop_in(SERVICE, "[Service]\nExecStart=\nExecStart=/usr/bin/mpremote-bridge --no-such-option\n")
    systemctl("start", SERVICE, check=False)
    wait_until(is_over, "it has ended")
    assert show("ActiveState") == "failed" and show("ExecMainStatus") == "2" and show("NRestarts") == "0"
    systemctl("reset-failed", SERVICE)
    drop_in(SERVICE, None)


def a_client_of_either_socket_starts_the_service():
    systemctl("start", *SOCKETS)
    assert show("ActiveState") == "inactive"
    assert {each for each in listening() if each[0] in (RFC2217, RAW)} == {(RFC2217, "loopback"), (RAW, "loopback")}
    for port, host in ((RAW, "127.0.0.1"), (RFC2217, "::1")):
        with Client(port, host) as client:
            client.read_until(b">>> ")
            wait_until(lambda: show("ActiveState") == "active", "the service is active")
            with Client(RFC2217 if port == RAW else RAW) as other:
                other.read_until(b"Error: Device busy")
        stop(SERVICE)
    started = [line for line in journal().splitlines() if "from systemd" in line]
    assert len(started) == 8, started
    print("\n".join(started[:4]))


def a_port_without_its_socket_is_not_opened():
    systemctl("stop", SOCKETS[1])
    with Client(RFC2217) as client:
        client.read_until(b">>> ")
        assert {port for port, _ in listening()} & {RFC2217, RAW} == {RFC2217}
    stop(SERVICE)
    systemctl("stop", *SOCKETS)


def it_answers_on_its_control_socket():
    systemctl("start", SERVICE)
    with Client() as client:
        prompt(client)
        asked = ["mpremote-bridge", "--control", "/run/mpremote-bridge/control.sock", "--status"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        print(answer)
        assert "(socket) since" in answer
    stop(SERVICE)


def two_instances_are_two_boards():
    units = {}
    for name, port in (("kitchen", 3217), ("attic", 4217)):
        unit = f"mpremote-bridge@{name}.service"
        configuration = Path(f"/etc/mpremote-bridge/{name}.toml")
        configuration.parent.mkdir(exist_ok=True)
        configuration.write_text(f'host = "127.0.0.1"\nport = {port}\nsocket-port = {port + 1}\n')
        units[unit] = port
    systemctl("start", *units)
    for unit, port in units.items():
        with Client(port + 1) as client:
            prompt(client)
            client.run(f"f = open('me.txt', 'w'); f.write('{port}'); f.close()")
            assert "(raw socket)" in show("StatusText", unit)
    assert Path("/var/lib/mpremote-bridge-kitchen/me.txt").read_text() == "3217"
    assert Path("/var/lib/mpremote-bridge-attic/me.txt").read_text() == "4217"
    assert len({user(main_pid(unit)) for unit in units}) == 2
    assert all(Path(f"/run/mpremote-bridge-{name}/board").is_char_device() for name in ("kitchen", "attic"))
    print(systemctl("list-units", "--no-pager", "--no-legend", "mpremote-bridge@*"))
    stop(*units)


def the_sandbox_works_in_the_service():
    drop_in(SERVICE, f"[Service]\nExecStart=\nExecStart={shipped_command()} --sandbox --limit-memory 256M\n")
    systemctl("start", SERVICE)
    with Client() as client:
        prompt(client)
        assert client.run("print(open('kept.txt').read())") == "data"
        assert "OSError" in client.run("open('/etc/hostname')")
    stop(SERVICE)
    drop_in(SERVICE, None)


def the_device_can_be_given_to_a_group():
    drop_in(
        SERVICE,
        "[Service]\nPrivateUsers=no\nSupplementaryGroups=dialout\n"
        f"ExecStart=\nExecStart={shipped_command()} --pty-group dialout --pty-mode 660\n",
    )
    systemctl("start", SERVICE)
    device = os.stat("/run/mpremote-bridge/board")
    assert (device.st_gid, device.st_mode & 0o777) == (20, 0o660), device
    stop(SERVICE)
    drop_in(SERVICE, None)


TRIALS = [
    it_is_ready_when_start_returns,
    it_tells_who_is_connected,
    it_has_a_serial_device,
    it_is_a_user_of_its_own,
    it_keeps_its_files_in_its_state_directory,
    the_board_knows_nothing_of_the_service_manager,
    stop_leaves_no_process,
    kill_is_followed_by_a_restart,
    sighup_ends_it_in_order,
    the_watchdog_finds_a_bridge_that_hangs,
    a_wrong_option_is_not_tried_again,
    a_client_of_either_socket_starts_the_service,
    a_port_without_its_socket_is_not_opened,
    it_answers_on_its_control_socket,
    two_instances_are_two_boards,
    the_sandbox_works_in_the_service,
    the_device_can_be_given_to_a_group,
]


def main():
    print(subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0])
    for trial in TRIALS:
        start = time.monotonic()
        try:
            trial()
        except BaseException:
            print(f"FAILED  {trial.__name__}")
            subprocess.run(["journalctl", "--no-pager", "--lines=60"], check=False)
            raise
        print(f"ok  {trial.__name__.replace('_', ' ')}  ({time.monotonic() - start:.1f} s)")
    print(f"{len(TRIALS)} passed, 0 failed")


main()
