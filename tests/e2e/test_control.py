"""A running bridge is asked over its control socket, and does what it is told."""

import os
import re
import signal
import stat
import subprocess
import tempfile
import time

import pytest
from support import control, faults, repl
from support.bridge import executable, free_ports, micropython, run_once
from support.device import open_device
from support.flow import MIB
from support.waiting import wait_until

NO_TRAFFIC = {"bytes_received": 0, "bytes_sent": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "control.sock"


@pytest.fixture
def controlled(start_bridge, path):
    """A bridge that has shown its first prompt, without spares."""

    def start(*options, **kwargs):
        bridge = start_bridge("-vv", "--standby", "0", "--control", path, *options, **kwargs)
        bridge.wait_for_log("Ready: MicroPython")
        return bridge

    return start


def release(bridge):
    """What the first client is told that this MicroPython is."""
    client = bridge.connect_raw()
    words = repl.banner(client).decode().split()
    client.close()
    return words[1].removeprefix("v")


def connect(bridge, kind):
    return open_device(bridge) if kind == "pty" else bridge.connect(kind)


def refused(*words, **kwargs):
    """Exit status and message of a bridge that is not to start."""
    port, socket_port = free_ports()
    result = run_once("-v", "-H", "127.0.0.1", "-p", port, "-s", socket_port, *words, micropython(), **kwargs)
    return result.returncode, result.stderr


# -- what it says


def test_status_of_a_bridge_without_a_client(controlled, path):
    bridge = controlled()
    state = control.status(path)
    uptime, started = state.pop("uptime_seconds"), state.pop("started")
    assert 0 <= uptime < 600
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", started)
    version = run_once("--version").stdout.split()[-1]
    assert re.fullmatch(r"/dev/pts/\d+", state.pop("pty"))
    assert state == {
        "version": version, "pid": bridge.pid, "micropython": release(bridge), "control": str(path), "pty_link": None,
        "rfc2217": {"port": bridge.port, "url": f"rfc2217://127.0.0.1:{bridge.port}"},
        "socket": {"port": bridge.socket_port, "url": f"socket://127.0.0.1:{bridge.socket_port}"},
        "client": None, "clients": 0, **NO_TRAFFIC, "soft_resets": 0, "reset_button": 0, "crashes": 0,
        "refused_busy": 0, "refused_not_allowed": 0,
    }  # fmt: skip


def test_status_leaves_out_what_is_not_there(controlled, path):
    controlled("--no-pty", socket_port=0)
    state = control.status(path)
    assert (state["socket"], state["pty"]) == (None, None)
    text = control.ask(path, "--status")
    assert "RFC 2217" in text and "Raw socket" not in text and "PTY" not in text


def test_status_for_people_is_a_table(controlled, path, tmp_path):
    bridge = controlled("--pty-link", tmp_path / "link")
    client = bridge.connect_raw()
    banner = repl.banner(client)
    version = run_once("--version").stdout.strip()
    rows = [
        rf"Bridge       {version}, pid {bridge.pid}, up 0:\d\d:\d\d",
        rf"MicroPython  {re.escape(banner.decode().split()[1].removeprefix('v'))}",
        rf"RFC 2217     rfc2217://127.0.0.1:{bridge.port}",
        rf"Raw socket   socket://127.0.0.1:{bridge.socket_port}",
        rf"PTY          /dev/pts/\d+ \({tmp_path}/link\)",
        rf"Control      {path}",
        rf"Client       127.0.0.1:{client.local_port} \(socket\) since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d, 0:\d\d:\d\d",
        rf"             0 bytes received, {len(banner)} sent",
        rf"In total     1 client, 0 bytes received, {len(banner)} sent",
        r"Resets       0 soft resets, 0 by the reset button",
        r"Crashes      0",
        r"Refused      0 as it was busy, 0 not allowed",
    ]
    assert re.fullmatch("\n".join(rows) + "\n", control.ask(path, "--status"))


@pytest.mark.parametrize("kind", ["socket", "rfc2217", "pty"])
def test_client_is_named_with_its_traffic(controlled, path, kind):
    bridge = controlled()
    client = connect(bridge, kind)
    repl.banner(client)
    state = control.status(path)["client"]
    peer = client.path if kind == "pty" else f"127.0.0.1:{client.local_port}"
    assert (state["peer"], state["protocol"]) == (peer, kind)
    assert 0 <= state["connected_seconds"] < 600 and state["since"].endswith("Z")
    assert state["bytes_sent"] >= len(">>> ")
    client.close()
    after = control.wait_for_status(path, lambda now: now["client"] is None, "the client has left")
    assert after["bytes_sent"] >= state["bytes_sent"]


@pytest.mark.parametrize("kind", ["socket", "pty"])
def test_bytes_are_counted_exactly_and_kept_when_the_client_leaves(controlled, path, kind):
    bridge = controlled()
    sent = received = 0
    for visit in range(1, 3):
        client = connect(bridge, kind)
        received_now = len(repl.banner(client)) if visit == 1 else 0
        code = b"import sys; _ = sys.stdout.write('x' * 100000)\r"
        client.send(code)
        received_now += len(client.read_until(b"x" * 100000 + b">>> "))
        state = control.status(path)
        assert (state["client"]["bytes_received"], state["client"]["bytes_sent"]) == (len(code), received_now)
        sent, received = sent + len(code), received + received_now
        client.close()
        after = control.wait_for_status(path, lambda now: now["client"] is None, "the client has left")
        totals = {"clients": visit, "bytes_received": sent, "bytes_sent": received}
        assert {name: after[name] for name in totals} == totals


def test_rfc2217_bytes_are_those_on_the_wire(controlled, path):
    bridge = controlled()
    client = bridge.connect_raw()
    repl.banner(client)
    client.close()
    before = control.wait_for_status(path, lambda now: now["client"] is None, "the client has left")
    # A client that refuses every option: what the bridge sends is its negotiation, an echo and a prompt.
    other = control.socket.create_connection(("127.0.0.1", bridge.port))
    other.sendall(b"6*7\r\0")
    got = b""
    while b"42\r\n>>> " not in got:
        got += other.recv(4096)
    after = control.status(path)
    assert after["client"]["bytes_received"] == len(b"6*7\r\0")
    assert after["client"]["bytes_sent"] == len(got)
    assert after["bytes_sent"] == before["bytes_sent"] + len(got)
    other.close()


def test_resets_and_crashes_are_counted_apart(controlled, path):
    bridge = controlled()
    client = bridge.connect_raw()
    repl.banner(client)
    for _ in range(3):
        client.send(repl.RESET)
        client.read_until(b">>> ")
    for _ in range(2):
        os.kill(bridge.board_pid(), signal.SIGSEGV)
        client.read_until(b">>> ")
    assert control.ask(path, "--reset") == "Reset\n"
    client.read_until(b">>> ")
    state = control.status(path)
    assert (state["soft_resets"], state["crashes"], state["reset_button"]) == (3, 2, 1)


def test_refused_clients_are_counted_by_the_reason(start_bridge, path, kind):
    allowing = start_bridge("-v", "--control", path, "--allow", "127.0.0.1", host="0.0.0.0")
    repl.banner(allowing.connect_raw())
    for _ in range(5):
        assert b"Device busy" in allowing.connect(kind).read_to_end()
    for _ in range(3):
        outsider = control.socket.create_connection(
            ("127.0.0.1", allowing.port_of(kind)), source_address=("127.0.0.9", 0)
        )
        assert outsider.recv(100) == b""
        outsider.close()
    state = control.status(path)
    assert (state["refused_busy"], state["refused_not_allowed"]) == (5, 3)


def test_metrics_say_the_same_as_the_status(controlled, path):
    bridge = controlled()
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(repl.RESET)
    client.read_until(b">>> ")
    assert b"Device busy" in bridge.connect_rfc().read_to_end()
    state, samples = control.status(path), control.metrics(path)
    info = f'info{{version="{state["version"]}",micropython="{state["micropython"]}"}}'
    assert abs(samples.pop("start_time_seconds") - time.time()) < 3600
    assert samples == {
        info: 1,
        'client_connected{protocol="rfc2217"}': 0,
        'client_connected{protocol="socket"}': 1,
        'client_connected{protocol="pty"}': 0,
        "clients_total": 1,
        "received_bytes_total": 1,
        "sent_bytes_total": state["bytes_sent"],
        'restarts_total{cause="soft_reset"}': 1,
        'restarts_total{cause="reset_button"}': 0,
        'restarts_total{cause="crash"}': 0,
        'refused_total{reason="busy"}': 1,
        'refused_total{reason="not_allowed"}': 0,
    }


# -- kick and reset


@pytest.mark.parametrize("kind", ["socket", "rfc2217", "pty"])
def test_kick_disconnects_the_client_and_frees_the_board(controlled, path, kind):
    bridge = controlled()
    client = connect(bridge, kind)
    repl.banner(client)
    who = control.status(path)["client"]["peer"]
    assert control.ask(path, "--kick") == f"Disconnected {who} ({kind})\n"
    client.read_to_end()
    assert control.status(path)["client"] is None
    repl.fresh_prompt(bridge.connect_raw())


def test_device_is_another_one_after_a_kick(controlled, path, tmp_path):
    bridge = controlled("--pty-link", tmp_path / "link")
    client = open_device(bridge)
    repl.banner(client)
    control.ask(path, "--kick")
    now = control.status(path)["pty"]
    assert now == os.readlink(tmp_path / "link") == os.path.realpath(tmp_path / "link") != client.path
    repl.fresh_prompt(open_device(bridge, now))


@pytest.mark.skipif(not faults.IS_ROOT, reason="nobody else gets into a locked device")
def test_who_opens_the_device_while_it_is_busy_is_counted(controlled, path):
    bridge = controlled()
    repl.banner(bridge.connect_raw())
    assert b"Device busy" in open_device(bridge).read_until(b"connected")
    assert control.status(path)["refused_busy"] == 1


def test_kick_without_a_client_says_so(controlled, path):
    controlled()
    assert control.ask(path, "--kick") == "Nobody is connected\n"


@pytest.mark.parametrize("kind", ["socket", "rfc2217", "pty"])
def test_kick_while_data_flows(controlled, path, kind):
    bridge = controlled()
    client = connect(bridge, kind)
    repl.banner(client)
    client.send(b"while True: print('x' * 1000)\r\r")
    client.fill(MIB)
    assert control.ask(path, "--kick").startswith("Disconnected ")
    try:
        while client.receive_some():
            client.buffer.clear()
    except ConnectionResetError:
        pass
    after = bridge.connect_raw()
    after.send(repl.INTERRUPT)
    after.read_until(b"KeyboardInterrupt")
    assert control.status(path)["bytes_sent"] >= MIB


def test_kick_a_client_that_does_not_read(controlled, path, kind):
    bridge = controlled()
    client = bridge.connect(kind)
    repl.banner(client)
    client.send(b"while True: print('x' * 1000)\r\r")
    bridge.wait_until_idle()
    assert control.ask(path, "--kick").startswith("Disconnected ")
    after = bridge.connect_raw()
    after.send(repl.INTERRUPT)
    after.read_until(b"KeyboardInterrupt")


def test_reset_button_ends_a_program_and_keeps_the_client(controlled, path):
    bridge = controlled()
    client = bridge.connect_raw()
    repl.banner(client)
    client.send(b"import micropython; micropython.kbd_intr(-1)\rprint('on', 'ly'); import time; time.sleep(1000)\r")
    client.read_until(b"on ly")
    assert control.ask(path, "--reset") == "Reset\n"
    client.read_until(b"MicroPython")
    assert repl.typed(client, "6*7").endswith(b"42\r\n")
    bridge.wait_for_log("Reset: MicroPython is started anew")


# -- the socket


def test_socket_is_for_its_owner_only_and_goes_with_the_bridge(controlled, path):
    bridge = controlled()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert bridge.stop() == 0
    assert not path.exists() and path.parent.is_dir()


def test_folder_that_is_there_keeps_its_mode(controlled, path):
    path.parent.mkdir(mode=0o755)
    controlled()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_umask_does_not_matter(start_bridge, path):
    start_bridge("-v", "--control", path, preexec_fn=lambda: os.umask(0))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_second_bridge_names_the_living_one(controlled, path):
    bridge = controlled()
    code, errors = refused("--control", path)
    reason = f"the bridge with pid {bridge.pid} has it in use"
    assert code == 1 and f"Error: Cannot make the control socket {path}: {reason}" in errors
    assert control.status(path)["pid"] == bridge.pid


def test_stale_socket_is_replaced(controlled, path):
    first = controlled()
    first.process.kill()
    first.wait()
    assert stat.S_ISSOCK(path.stat().st_mode)
    result = run_once("--control", path, "--status")
    message = f"Error: No bridge is running at {path}: Connection refused\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", message)
    second = controlled()
    assert control.status(path)["pid"] == second.pid


def test_one_of_many_takes_the_place_of_a_dead_one(controlled, board_dir, path):
    first = controlled()
    first.process.kill()
    first.wait()

    command = [executable(), "-v", "-H", "127.0.0.1", "--control", path, "--cwd", board_dir, "--no-pty"]
    bridges = [
        subprocess.Popen([*command, "-p", port, "-s", "0", micropython()], stderr=subprocess.PIPE, text=True)
        for port in map(str, free_ports(6))
    ]
    ends = []
    for bridge in bridges:
        lines = iter(bridge.stderr.readline, "")
        ends.append(next(line for line in lines if "Error:" in line or "Waiting for connection" in line))
    serving = [bridge for bridge, end in zip(bridges, ends) if "Waiting" in end]
    state = control.status(path)
    for bridge in bridges:
        bridge.terminate()
        bridge.communicate(timeout=40)
    assert [bridge.pid for bridge in serving] == [state["pid"]], ends
    assert sum("has it in use" in end for end in ends) == len(bridges) - 1, ends
    assert sorted(bridge.returncode for bridge in bridges) == [0] + [1] * 5
    assert not path.exists()


def test_something_else_is_not_replaced(path):
    path.parent.mkdir()
    path.write_text("precious")
    code, errors = refused("--control", path)
    assert code == 1 and f"Cannot make the control socket {path}: there is something else with this name" in errors
    assert path.read_text() == "precious"


def test_socket_that_is_no_longer_its_own_stays(controlled, path):
    bridge = controlled()
    path.unlink()
    path.write_text("another's")
    assert bridge.stop() == 0
    assert path.read_text() == "another's"


def test_path_that_is_too_long_is_an_error(tmp_path):
    code, errors = refused("--control", tmp_path / ("x" * 120))
    assert code == 1 and "a socket's path can have 107 characters, not more" in errors


def test_folder_that_cannot_be_made_is_an_error(tmp_path):
    code, errors = refused("--control", tmp_path / "missing" / "folder" / "control.sock")
    assert code == 1 and "No such file or directory" in errors


def test_relative_path_is_the_bridge_s_own(start_bridge, board_dir, tmp_path):
    start_bridge("-v", "--control", "here.sock", started_in=tmp_path)
    assert control.status(tmp_path / "here.sock")["control"] == str(tmp_path / "here.sock")
    assert list(board_dir.iterdir()) == []


# -- the usual place


@pytest.mark.parametrize(
    "variable, inside",
    [("RUNTIME_DIRECTORY", "control.sock"), ("XDG_RUNTIME_DIR", "mpremote-bridge/control.sock")],
)
def test_usual_place(start_bridge, tmp_path, variable, inside):
    environment = {variable: str(tmp_path)}
    bridge = start_bridge("-v", env=environment)
    result = run_once("--status", "--json", env={**os.environ, **environment})
    assert f'"pid":{bridge.pid},' in result.stdout
    assert (tmp_path / inside).is_socket()


def test_second_bridge_of_a_user_goes_on_without(start_bridge, tmp_path):
    environment = {"XDG_RUNTIME_DIR": str(tmp_path)}
    first = start_bridge("-v", env=environment)
    second = start_bridge("-v", env=environment)
    second.wait_for_log(rf"INFO - Cannot make .*the bridge with pid {first.pid} has it in use; going on without")
    repl.banner(second.connect_raw())
    second.stop()
    result = run_once("--status", "--json", env={**os.environ, **environment})
    assert f'"pid":{first.pid},' in result.stdout


def test_two_bridges_have_each_their_own(start_bridge, tmp_path):
    paths = [tmp_path / "a.sock", tmp_path / "b.sock"]
    bridges = [start_bridge("-v", "--control", each) for each in paths]
    repl.banner(bridges[0].connect_raw())
    assert [control.status(each)["pid"] for each in paths] == [each.pid for each in bridges]
    assert [control.status(each)["clients"] for each in paths] == [1, 0]


def test_none_makes_none(start_bridge, tmp_path):
    bridge = start_bridge("-v", "--control", "none", env={"XDG_RUNTIME_DIR": str(tmp_path)})
    bridge.wait_for_log("Waiting for connection")
    assert "ontrol socket" not in bridge.log_text() and list(tmp_path.glob("mpremote-bridge*")) == []


def test_without_a_usual_place_there_is_none(start_bridge):
    bridge = start_bridge("-v")
    bridge.wait_for_log("Waiting for connection")
    assert "ontrol socket" not in bridge.log_text()


# -- the client side


@pytest.mark.parametrize("request_word", ["--status", "--kick", "--reset", "--metrics"])
def test_without_a_bridge_it_fails(tmp_path, request_word):
    path = tmp_path / "control.sock"
    result = run_once("--control", path, request_word)
    message = f"Error: No bridge is running at {path}: No such file or directory\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", message)


def test_without_a_usual_place_it_asks_for_one():
    environment = {**os.environ, "XDG_RUNTIME_DIR": "/nonexistent", "RUNTIME_DIRECTORY": ""}
    result = run_once("--status", env=environment)
    assert result.returncode == 1 and "--control PATH" in result.stderr


def test_bridge_that_stands_still_is_given_up(controlled, path):
    bridge = controlled()
    bridge.signal(signal.SIGSTOP)
    result = run_once("--control", path, "--status")
    bridge.signal(signal.SIGCONT)
    assert (result.returncode, result.stderr) == (1, f"Error: The bridge at {path} does not answer\n")


@pytest.mark.parametrize(
    "words",
    [
        ["--status", "--kick"], ["--kick", "--reset"], ["--reset", "--metrics"], ["--status", "--metrics"],
        ["--json"], ["--kick", "--json"], ["--status", "-p", "3000"], ["--kick", "--ready-file", "x"],
        ["--reset", "/usr/bin/micropython"], ["--metrics", "-v"], ["--status", "--control", "none"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_words_that_do_not_go_together(words):
    result = run_once(*words)
    assert (result.returncode, result.stdout) == (2, "") and result.stderr


# -- visitors who do as they like


@pytest.mark.parametrize(
    "said, answer",
    [
        (b"\n", b"error: unknown request: \\n\n"),
        (b"\0\xff\x1b[2J\n", b"error: unknown request: \\x00\\xff\\x1b[2J\\n\n"),
        (b"KICK\n", b"error: unknown request: KICK\\n\n"),
        (b"x" * 63 + b"\n", b"error: unknown request: " + b"x" * 63 + b"\\n\n"),
        (b"x" * 64, b"error: the request is too long\n"),
        (b"kick" * MIB, b"error: the request is too long\n"),
        (b"kick\r\n", b"Nobody is connected\n"),
        (b"kick\nreset\nreset\n", b"Nobody is connected\n"),
    ],
    ids=["empty", "binary", "capitals", "longest", "too-long", "endless", "crlf", "more-than-one"],
)
def test_what_a_visitor_may_say(controlled, path, said, answer):
    bridge = controlled()
    visitor = control.Visitor(path)
    try:
        visitor.send(said)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert visitor.answer() == answer
    visitor.close()
    assert control.status(path)["reset_button"] == 0
    repl.banner(bridge.connect_raw())


def test_end_of_input_ends_the_line(controlled, path):
    controlled()
    visitor = control.Visitor(path, b"kick")
    visitor.end_of_input()
    assert visitor.answer() == b"Nobody is connected\n"
    visitor.close()


def test_silent_visitors_are_closed_and_stop_nobody(controlled, path):
    bridge = controlled()
    silent = [control.Visitor(path, b"stat") for _ in range(16)]
    client = bridge.connect_raw()
    repl.banner(client)
    assert repl.typed(client, "6*7").endswith(b"42\r\n")
    result = run_once("--control", path, "--status")
    assert (result.returncode, result.stderr) == (1, f"Error: The bridge at {path} says: too many ask at once\n")
    assert {visitor.answer() for visitor in silent} == {b""}
    for visitor in silent:
        visitor.close()
    assert control.status(path)["pid"] == bridge.pid


def test_visitors_who_leave_at_once_leave_nothing(controlled, path):
    bridge = controlled()
    control.status(path)
    before = os.listdir(f"/proc/{bridge.pid}/fd")
    for number in range(300):
        control.Visitor(path, b"status\n" if number % 2 else b"").close()
    assert control.status(path)["pid"] == bridge.pid
    wait_until(lambda: len(os.listdir(f"/proc/{bridge.pid}/fd")) <= len(before), "all of them are closed")


def test_visitor_waits_for_a_descriptor(controlled, path):
    bridge = controlled()
    with faults.no_more_descriptors(bridge.pid):
        visitor = control.Visitor(path, b"kick\n")
        bridge.wait_for_log("Cannot accept a connection: Too many open files")
    assert visitor.answer() == b"Nobody is connected\n"
    visitor.close()


@pytest.mark.skipif(not faults.IS_ROOT, reason="only root can be somebody else")
def test_other_users_get_no_answer(start_bridge):
    script = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        "s.send(b'kick\\n'); print('connected', s.recv(100))"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "control.sock")
        bridge = start_bridge("--control", path)
        os.chmod(path, 0o666)
        command = ["/usr/bin/python3", "-c", script, path]
        other = subprocess.run(command, user=65534, group=65534, extra_groups=[], capture_output=True, text=True,
                               timeout=40, check=False)  # fmt: skip
        # Closed before or after its request arrives.
        assert other.stdout == "connected b''\n" or re.search("ConnectionReset|BrokenPipe", other.stderr), other
        assert control.status(path)["pid"] == bridge.pid
        bridge.stop()
