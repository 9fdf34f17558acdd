"""The bridge as a service: what it tells the service manager, sockets it is given, and its unit files."""

import os
import re
import shutil
import signal
import socket

import pytest
from support import processes, repl
from support.bridge import LOCALHOST, REPOSITORY, free_ports, micropython, program, run_once
from support.client import RawClient
from support.systemd import Manager, analyze, pass_sockets
from support.telnet import TelnetClient
from support.waiting import wait_until

UNITS = REPOSITORY / "packaging" / "systemd"
VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]


@pytest.fixture(params=["path", "abstract"])
def any_manager(request, tmp_path):
    """Both kinds of address."""
    manager = Manager(tmp_path / "notify" if request.param == "path" else f"@{tmp_path}")
    yield manager
    manager.close()


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.close()


@pytest.fixture
def managed_bridge(start_bridge, manager):
    def start(*options, env=None, **kwargs):
        return start_bridge(*options, env={"NOTIFY_SOCKET": manager.address, **(env or {})}, **kwargs)

    return start


# -- what it tells


def test_it_is_ready_at_the_first_prompt_and_tells_its_end(start_bridge, any_manager):
    bridge = start_bridge(env={"NOTIFY_SOCKET": any_manager.address})
    assert any_manager.next() == ["READY=1", "STATUS=Waiting for a client"]
    assert processes.waits_at_prompt(bridge.board_pid())
    bridge.signal(signal.SIGTERM)
    assert any_manager.next() == ["STOPPING=1", "STATUS=Ending MicroPython"]
    assert bridge.wait() == 0
    with pytest.raises(AssertionError):
        any_manager.next(deadline=0.1)


def test_it_is_not_ready_before_the_prompt(managed_bridge, manager, board_dir):
    os.mkfifo(board_dir / "go")
    bridge = managed_bridge("--standby", 0, board=program("prompt_when_told"))
    client = bridge.connect_raw()
    client.read_until(b"starting\n")
    with pytest.raises(AssertionError):
        manager.next(deadline=0.5)
    (board_dir / "go").write_text("")
    assert manager.next() == ["READY=1", f"STATUS=Client {LOCALHOST}:{client.local_port} (raw socket)"]


def test_status_is_the_present_client(managed_bridge, manager, kind):
    title = {"socket": "raw socket", "rfc2217": "RFC 2217"}[kind]
    bridge = managed_bridge()
    manager.wait_for("READY=1")
    client = bridge.connect(kind)
    assert manager.next() == [f"STATUS=Client {LOCALHOST}:{client.local_port} ({title})"]
    client.close()
    assert manager.next() == ["STATUS=Waiting for a client"]


def test_status_with_the_serial_device(managed_bridge, manager, tmp_path):
    managed_bridge("--pty-link", tmp_path / "port")
    manager.wait_for("READY=1")
    device = (tmp_path / "port").resolve()
    with open(device, "rb+", buffering=0):
        assert manager.next()[0].startswith(f"STATUS=Client {device}")
        assert manager.heard[-1][0].endswith("(serial device)")
    assert manager.next() == ["STATUS=Waiting for a client"]


def test_a_busy_manager_hears_all_the_same_that_it_is_ready(managed_bridge, manager):
    other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.setblocking(False)
    with other, pytest.raises(BlockingIOError):
        while True:
            other.sendto(b"X=1", manager.address)
    bridge = managed_bridge("-vv")
    bridge.wait_for_log("Cannot tell the service manager READY=1: Resource temporarily unavailable")
    manager.wait_for("READY=1")


@pytest.mark.parametrize("address", ["/nowhere/at/all", "relative", "@", "/" + 200 * "x", "@mpbridge-nobody"])
def test_without_its_manager_it_works_as_ever(start_bridge, address):
    bridge = start_bridge("-vv", env={"NOTIFY_SOCKET": address})
    repl.banner(bridge.connect_raw())
    bridge.wait_for_log("service manager")
    assert not bridge.messages("WARNING") and not bridge.messages("ERROR")


# -- the watchdog


@pytest.fixture
def watched_bridge(managed_bridge, manager):
    """One that is to be heard from every 200 ms, and is."""
    bridge = managed_bridge(env={"WATCHDOG_USEC": "200000"})
    for _ in range(3):
        manager.wait_for("WATCHDOG=1")
    return bridge


def test_watchdog_is_fed_while_the_board_is_busy(watched_bridge, manager):
    client = watched_bridge.connect_raw()
    repl.banner(client)
    repl.FriendlyMode.start(client, "while True: pass")
    for _ in range(5):
        manager.wait_for("WATCHDOG=1")


def test_watchdog_is_not_fed_by_a_bridge_that_hangs(watched_bridge, manager):
    watched_bridge.signal(signal.SIGSTOP)
    wait_until(lambda: processes.state(watched_bridge.pid) == "T", "it is stopped")
    with pytest.raises(AssertionError):
        while True:
            manager.next(deadline=1)
    watched_bridge.signal(signal.SIGCONT)
    manager.wait_for("WATCHDOG=1")


def test_watchdog_of_another_process_is_left_alone(managed_bridge, manager):
    bridge = managed_bridge(env={"WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"})
    manager.wait_for("READY=1")
    bridge.wait_until_it_sleeps()
    bridge.signal(signal.SIGTERM)
    manager.wait_for("STOPPING=1")
    assert ["WATCHDOG=1"] not in manager.heard


def test_without_a_watchdog_nothing_ticks(managed_bridge, manager):
    bridge = managed_bridge()
    manager.wait_for("READY=1")
    bridge.wait_until_it_sleeps()


# -- sockets that are passed on


def listening(host=LOCALHOST):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, 0), family=family)


def port_of(server):
    return server.getsockname()[1]


@pytest.fixture
def servers():
    """Two sockets that listen, for RFC 2217 and for the raw port."""
    with listening() as rfc2217, listening() as raw:
        yield [rfc2217, raw]


@pytest.fixture
def start_on(start_bridge):
    """A bridge on sockets that are passed on to it; further arguments are those of pass_sockets()."""

    def start(sockets, *options, names=None, **kwargs):
        passed = pass_sockets(sockets, names)
        return start_bridge("-v", *options, port=0, socket_port=0, command_ports=["--no-pty"], **passed, **kwargs)

    return start


def assert_serves(rfc2217, raw):
    for server, client in ((rfc2217, TelnetClient), (raw, RawClient)):
        connected = client(port_of(server), host=server.getsockname()[0])
        repl.fresh_prompt(connected)
        connected.close()


@pytest.mark.parametrize(
    "order, names",
    [((0, 1), "rfc2217:raw"), ((1, 0), "raw:rfc2217"), ((0, 1), None)],
    ids=["named", "other-order", "unnamed"],
)
def test_passed_sockets_are_the_ports(start_on, servers, order, names):
    bridge = start_on([servers[each] for each in order], names=names)
    assert_serves(*servers)
    for title, server in zip(["RFC 2217", "Raw socket"], servers):
        address = f"{LOCALHOST}:{port_of(server)}"
        assert f"{title} server listening on {address} (from systemd)" in bridge.messages("INFO")
    assert sum("listening on" in message for message in bridge.messages()) == 2


def test_a_port_can_have_several_sockets(start_on, servers):
    try:
        more = [listening("::1"), listening("::1")]
    except OSError:
        pytest.skip("no IPv6 here")
    with more[0], more[1]:
        bridge = start_on([*servers, *more], names="rfc2217:raw:rfc2217:raw")
        assert_serves(*servers)
        assert_serves(*more)
        assert f"Raw socket server listening on [::1]:{port_of(more[1])} (from systemd)" in bridge.messages("INFO")


def test_the_allowed_are_looked_at_on_a_dual_stack_socket(start_on):
    if not socket.has_dualstack_ipv6():
        pytest.skip("no dual-stack sockets here")
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        bridge = start_on([server], "--allow", "127.0.0.1", names="raw")
        client = RawClient(port_of(server))
        repl.banner(client)
        client.close()
        bridge.wait_for_log(f"Connected via socket by {LOCALHOST}:")
        with pytest.raises((AssertionError, ConnectionError)):
            repl.banner(RawClient(port_of(server), host="::1"))


def test_with_one_socket_the_other_port_is_not_opened(start_on, servers):
    bridge = start_on(servers[1:], names="raw")
    bridge.wait_for_log("Waiting for connection")
    assert "RFC 2217" not in bridge.log_text()
    held = [name for name in processes.open_files(bridge.pid).values() if name.startswith("socket:")]
    assert len(held) == 1, held
    assert repl.banner(RawClient(port_of(servers[1])))


def test_with_one_socket_the_other_port_is_opened_where_it_was_asked_for(start_bridge, servers):
    port = free_ports(1)[0]
    bridge = start_bridge(
        "-v", port=port, socket_port=0, command_ports=["-p", port], **pass_sockets(servers[1:], "raw")
    )  # fmt: skip
    assert repl.banner(bridge.connect_rfc())
    bridge.clients[0].close()
    repl.fresh_prompt(RawClient(port_of(servers[1])))


def test_a_passed_socket_replaces_the_one_that_was_asked_for(start_bridge, servers):
    port = free_ports(1)[0]
    bridge = start_bridge(
        "-v", port=0, socket_port=0, command_ports=["-s", port], **pass_sockets(servers, "rfc2217:raw")
    )  # fmt: skip
    assert_serves(*servers)
    assert not processes.is_listening(port)
    assert f":{port}" not in bridge.log_text()


@pytest.mark.parametrize("early", [True, False], ids=["before-the-bridge", "after-it"])
def test_clients_of_passed_sockets_are_watched_as_others(start_on, servers, early):
    client = RawClient(port_of(servers[1])) if early else None
    start_on(servers, names="rfc2217:raw").wait_for_log("Waiting for connection")
    client = client or RawClient(port_of(servers[1]))
    repl.banner(client)
    ends = port_of(servers[1]), client.local_port
    assert wait_until(lambda: processes.keepalive_seconds(*ends), "the connection is probed when it is idle") <= 10
    client.close()


def test_the_board_gets_neither_variables_nor_sockets(start_bridge, manager, servers):
    bridge = start_bridge(
        "-v", port=0, socket_port=0, command_ports=["--no-pty"],
        env={"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000000", "ANOTHER": "kept"},
        **pass_sockets(servers, "rfc2217:raw"),
    )  # fmt: skip
    manager.wait_for("READY=1")
    board = bridge.board_pid()
    assert processes.environment(bridge.pid).keys() >= set(VARIABLES) - {"WATCHDOG_PID"}
    found = processes.environment(board)
    assert found["ANOTHER"] == "kept"
    assert not set(VARIABLES) & found.keys()
    assert not [name for name in processes.open_files(board).values() if name.startswith("socket:")]


@pytest.mark.parametrize(
    "names, count, wanted",
    [
        ("rfc2217:http", None, 'A socket was passed with the name "http"; it must be rfc2217 or raw'),
        ("rfc2217:", None, 'A socket was passed with the name ""; it must be rfc2217 or raw'),
        ("rfc2217", None, "LISTEN_FDNAMES has 1 names, but LISTEN_FDS is 2"),
        ("rfc2217:raw:raw", None, "LISTEN_FDNAMES has 3 names, but LISTEN_FDS is 2"),
        (None, 250, "LISTEN_FDS is 250, but descriptor 5 was not passed: Bad file descriptor"),
        (None, 0, "LISTEN_FDS is not a number of descriptors: 0"),
        (None, -2, "LISTEN_FDS is not a number of descriptors: -2"),
        (None, "two", "LISTEN_FDS is not a number of descriptors: two"),
        (None, 99999999999, "LISTEN_FDS is not a number of descriptors: 99999999999"),
    ],
)
def test_what_was_not_passed_as_promised_is_an_error(servers, names, count, wanted):
    result = run_once("--no-pty", micropython(), **pass_sockets(servers, names, count))
    assert (result.returncode, result.stderr) == (1, f"Error: {wanted}\n")


def test_three_sockets_without_names_are_an_error(servers):
    result = run_once("--no-pty", micropython(), **pass_sockets([*servers, servers[0]]))
    assert result.returncode == 1
    assert result.stderr == "Error: 3 sockets were passed without names; name them rfc2217 or raw\n"


def udp():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((LOCALHOST, 0))
    return sock


def unix():
    sock = socket.socket(socket.AF_UNIX)
    sock.bind("")
    sock.listen()
    return sock


def not_listening():
    return socket.socket(socket.AF_INET)


@pytest.mark.parametrize(
    "make, wanted",
    [(udp, "not a TCP socket"), (unix, "not a TCP socket"), (not_listening, "not a socket that listens")],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_a_socket_of_another_kind_is_an_error(servers, make, wanted):
    with make() as wrong:
        result = run_once("--no-pty", micropython(), **pass_sockets([servers[0], wrong], "rfc2217:raw"))
    assert result.returncode == 1
    assert result.stderr == f"Error: Cannot listen for Raw socket on descriptor 4: {wanted}\n"


def test_something_else_than_a_socket_is_an_error(tmp_path):
    with open(tmp_path / "file", "wb") as file:
        result = run_once("--no-pty", micropython(), **pass_sockets([file], "raw"))
    assert result.returncode == 1
    assert "Cannot listen for Raw socket on descriptor 3: not a socket: " in result.stderr


def test_sockets_for_another_process_are_left_alone(start_bridge, servers):
    bridge = start_bridge("-v", **pass_sockets(servers, "rfc2217:raw", pid=1))
    repl.banner(bridge.connect_raw())
    assert "systemd" not in bridge.log_text()


# -- systemd-socket-activate


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="systemd-socket-activate is not installed")
@pytest.mark.parametrize("names", [["--fdname=rfc2217:raw"], []], ids=["named", "unnamed"])
@pytest.mark.parametrize("first", ["rfc2217", "socket"])
def test_a_client_of_either_port_starts_the_bridge(start_bridge, names, first):
    ports = free_ports(2)
    listen = [word for port in ports for word in ("-l", f"{LOCALHOST}:{port}")]
    bridge = start_bridge(
        "-v", port=ports[0], socket_port=ports[1], command_ports=["--no-pty"],
        through=["systemd-socket-activate", *listen, *names],
    )  # fmt: skip
    client = bridge.connect(first)
    repl.banner(client)
    other = {"rfc2217": "socket", "socket": "rfc2217"}[first]
    assert b"Device busy" in bridge.connect(other).read_to_end()
    client.close()
    repl.fresh_prompt(bridge.connect(other))
    bridge.wait_for_log(rf"RFC 2217 server listening on {LOCALHOST}:{ports[0]} \(from systemd\)")
    bridge.wait_for_log(rf"Raw socket server listening on {LOCALHOST}:{ports[1]} \(from systemd\)")


# -- the units


@pytest.fixture
def units(tmp_path):
    """The units, with what they execute in place of what will be installed."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for unit in folder.glob("*.service"):
        unit.write_text(unit.read_text().replace("/usr/bin/mpremote-bridge", "/usr/bin/env"))
    return folder


def test_systemd_finds_nothing_wrong_with_the_units(units):
    files = [str(unit).replace("@.", "@board.") for unit in sorted(units.iterdir())]
    assert len(files) == 4
    result = analyze("verify", "--man=no", "--recursive-errors=yes", *files)
    ours = [line for line in result.stderr.splitlines() if "mpremote" in line]
    assert (ours, result.returncode) == ([], 0), result.stderr


@pytest.mark.parametrize("name", ["mpremote-bridge.service", "mpremote-bridge@.service"])
def test_exposure_is_as_the_page_says(units, name):
    if not analyze("--version").stdout.startswith("systemd 252 "):
        pytest.skip("another systemd counts otherwise")
    result = analyze("security", "--offline=yes", "--no-pager", units / name)
    figure = re.search(r"exposure level for .*: ([\d.]+) ", result.stdout)[1]
    assert f"**{figure}**" in (REPOSITORY / "docs/service.md").read_text()


def test_instances_are_as_hardened_as_the_service():
    def without_names(name):
        return [line for line in settings(name) if "mpremote-" not in line and not line.startswith("Description=")]

    assert without_names("mpremote-bridge.service") == without_names("mpremote-bridge@.service")


def settings(unit):
    return [line for line in (UNITS / unit).read_text().splitlines() if not line.startswith("#")]


def test_the_command_of_the_unit_works(start_bridge, board_dir, tmp_path):
    """Its options, on the ports and in the directories of the test."""
    start = "ExecStart=/usr/bin/mpremote-bridge "
    command = next(line for line in settings("mpremote-bridge.service") if line.startswith(start)).removeprefix(start)
    (tmp_path / "mpremote-bridge").mkdir()
    words = command.replace(" --cwd %S/mpremote-bridge", "").replace("%t", str(tmp_path)).split()
    assert "--cwd" in command and "--cwd" not in words
    bridge = start_bridge(*words, host=None)
    assert repl.banner(bridge.connect_raw())
    assert (tmp_path / "mpremote-bridge" / "board").is_char_device()
