"""While nobody is connected: the board runs on, its output is drained, and the next client sees only what it should."""

import pytest
from support import repl
from support.bridge import program
from support.waiting import wait_until

BURST = b"".join(b"line %06d\n" % number for number in range(17000))
KIB_64 = 65536


def leave(bridge, client):
    """Disconnect and make sure the bridge knows."""
    client.close()
    bridge.wait_for_log("Disconnected")


def burst(bridge):
    """Let the burst program print, and wait until the bridge has taken all of it."""
    (bridge.cwd / "go").touch()
    wait_until((bridge.cwd / "done").exists, "the program has printed everything")
    bridge.wait_until_idle()


def test_hundred_megabytes_do_not_block_the_board(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    code = "x = 'y' * 65535\nfor _ in range(1600): print(x)\nopen('done', 'w').close()"
    client.send(f"exec({code!r})\r".encode())
    client.close()
    wait_until((bridge.cwd / "done").exists, "the program has printed everything", 120)
    bridge.wait_until_idle()
    client = bridge.connect(kind)
    client.send(b"6*7\r")
    assert client.read_until(b"42\r\n>>> ") == b"6*7\r\n42\r\n>>> "


def test_background_output_is_seen_from_the_moment_of_connecting(bridge, kind):
    client = bridge.connect(kind)
    repl.banner(client)
    repl.FriendlyMode.start(client, "n = 0\nwhile True:\n n += 1\n print('<%d>' % n)")
    client.read_until(b"<100>")
    leave(bridge, client)
    heir = bridge.connect(kind)
    heir.read_until(b"<")
    first = int(heir.read_until(b">")[:-1])
    heir.read_until(b"<%d>" % (first + 1))
    assert first > 100


# -- before the first client


def test_first_client_sees_banner_and_prompt_once(bridge, kind):
    bridge.wait_until_idle()
    first = bridge.connect(kind)
    text = repl.banner(first)
    assert text.startswith(b"MicroPython ") and text.count(b">>> ") == 1
    assert b'\r\nType "help()" for more information.\r\n>>> ' in text
    leave(bridge, first)
    second = bridge.connect(kind)
    second.send(b"6*7\r")
    assert second.read_until(b"42\r\n>>> ") == b"6*7\r\n42\r\n>>> "


def test_first_client_sees_a_board_that_started_long_ago_whole(start_bridge, board_dir, kind):
    """However much later it comes: only what was printed counts, newest 64 KiB."""
    bridge = start_bridge("-v", board=program("burst"))
    burst(bridge)
    client = bridge.connect(kind)
    assert client.read_exact(KIB_64) == BURST[-KIB_64:]
    assert nothing_waits(client)


def nothing_waits(client):
    client.collect(0.3)
    return client.buffer == b""


def test_refused_client_does_not_count_as_the_first(bridge, kind):
    holder = bridge.connect(kind)
    bridge.connect(kind).read_to_end()
    assert b"MicroPython" in repl.banner(holder)


# -- --replay


def replay_bridge(start_bridge, kind, *options):
    bridge = start_bridge("-v", *options, board=program("burst"))
    client = bridge.connect(kind)
    client.read_until(b"ready\n")
    leave(bridge, client)
    burst(bridge)
    return bridge


def test_nothing_is_replayed_by_default(start_bridge, kind):
    bridge = replay_bridge(start_bridge, kind)
    assert nothing_waits(bridge.connect(kind))


@pytest.mark.parametrize("size, count", [("64K", 65536), ("1000", 1000), ("1M", len(BURST)), ("1", 1)])
def test_newest_bytes_are_replayed_exactly(start_bridge, kind, size, count):
    bridge = replay_bridge(start_bridge, kind, "--replay", size)
    client = bridge.connect(kind)
    assert client.read_exact(count) == BURST[-count:]
    assert nothing_waits(client)


def test_replay_0_is_the_default(start_bridge, kind):
    bridge = replay_bridge(start_bridge, kind, "--replay=0")
    assert nothing_waits(bridge.connect(kind))


def test_replay_comes_once(start_bridge, kind):
    bridge = replay_bridge(start_bridge, kind, "--replay=64K")
    client = bridge.connect(kind)
    client.read_exact(KIB_64)
    client.close()
    bridge.wait_for_log("Disconnected", count=2)
    assert nothing_waits(bridge.connect(kind))


def test_replay_holds_only_what_nobody_saw(start_bridge, kind):
    bridge = start_bridge("-v", "--replay=64K")
    client = bridge.connect(kind)
    repl.banner(client)
    code = "import time, os\nprint('se' + 'en')\nwhile 'go' not in os.listdir(): time.sleep(0.01)\nprint('un' + 'seen')"
    repl.FriendlyMode.start(client, code + "\nopen('done', 'w').close()")
    client.read_until(b"seen\r\n")
    leave(bridge, client)
    burst(bridge)
    heir = bridge.connect(kind)
    assert heir.read_until(b">>> ") == b"unseen\r\n>>> "


def test_replay_of_raw_output_is_not_touched(start_bridge, kind):
    bridge = start_bridge("-v", "--replay=64K")
    client = bridge.connect(kind)
    repl.enter_raw(client)
    code = "import time, os\nwhile 'go' not in os.listdir(): time.sleep(0.01)\nprint('unseen')"
    repl.RawMode.start(client, code + "\nopen('done', 'w').close()")
    leave(bridge, client)
    burst(bridge)
    assert bridge.connect(kind).read_until(b">") == b"unseen\n\x04\x04>"
