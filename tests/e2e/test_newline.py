"""Line ends: \\r\\n in the friendly REPL, as a board prints them, and every byte untouched everywhere else."""

import pytest
from support import repl
from support.bridge import program
from support.repl import FriendlyMode, RawMode, RawPasteMode


def client_of(start_bridge, kind, *options):
    client = start_bridge(*options).connect(kind)
    if kind == "rfc2217":
        client.agree_binary()
    repl.banner(client)
    return client


@pytest.fixture
def client(start_bridge, kind):
    return client_of(start_bridge, kind)


def printed(client, data, mode=FriendlyMode):
    """What arrives of data that a program writes in one piece."""
    code = f"import sys; x = sys.stdout.buffer.write({data!r})"
    mode.start(client, code)
    output, error = mode.finish(client)
    assert error == b""
    return output


# -- the friendly REPL


def test_newline_becomes_carriage_return_newline(client):
    assert repl.typed(client, "print('a\\nb')") == b"a\r\nb\r\n"


def test_traceback_has_them_too(client):
    output = repl.typed(client, "1/0")
    assert output.startswith(b"Traceback (most recent call last):\r\n")
    assert b"\n" not in output.replace(b"\r\n", b"")


def test_existing_carriage_return_is_not_doubled(client):
    assert printed(client, b"a\r\nb\r\n") == b"a\r\nb\r\n"


def test_carriage_return_and_newline_written_apart(client):
    parts = "('a', '\\r', '\\n', 'b', '\\n')"
    code = f"import sys, time\nfor part in {parts}:\n x = sys.stdout.write(part); time.sleep(0.02)"
    FriendlyMode.start(client, code)
    assert client.read_until(b">>> ") == b"a\r\nb\r\n>>> "


def test_runs_of_newlines(client):
    assert printed(client, b"\n\n\r\n\n\r\r\n") == b"\r\n\r\n\r\n\r\n\r\r\n"


def test_long_output(client):
    FriendlyMode.start(client, "for i in range(20000): print(i)")
    output, _ = FriendlyMode.finish(client)
    assert output == b"".join(b"%d\r\n" % number for number in range(20000))


@pytest.mark.parametrize("code", [7, 8, 9, 11, 12, 13, 27])
def test_control_characters_of_text_do_not_stop_it(client, code):
    data = b"a" + bytes([code]) + b"b\nc\n"
    assert printed(client, data) == data.replace(b"\n", b"\r\n")


def test_utf8_is_text(client):
    data = "grüße\nпривет\n\U0001f40d\n".encode()
    assert printed(client, data) == data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 19, 23, 25, 26, 28, 29, 30, 31])
def test_other_control_characters_stop_it_for_the_whole_chunk_until_the_prompt(client, code):
    data = b"before\n" + bytes([code]) + b"\nafter\n"
    assert printed(client, data) == data
    assert repl.typed(client, "print('text')") == b"text\r\n"


def test_binary_output_stays_untouched_in_later_chunks(client):
    code = (
        "import sys, time\nx = sys.stdout.buffer.write(b'\\x00')\n"
        "for _ in range(3):\n time.sleep(0.05); x = sys.stdout.buffer.write(b'later\\n')"
    )
    FriendlyMode.start(client, code)
    output, _ = FriendlyMode.finish(client)
    assert output == b"\x00later\nlater\nlater\n"
    assert repl.typed(client, "print('text')") == b"text\r\n"


def test_binary_file_through_the_friendly_repl(client):
    data = bytes(range(256)) * 16
    before_prompt = data.replace(b"\x18", b"-")
    assert printed(client, before_prompt) == before_prompt


def test_mpremotes_binary_protocol_stops_it_for_the_rest_of_the_connection(start_bridge, kind):
    bridge = start_bridge("-v")
    client = bridge.connect(kind)
    repl.banner(client)
    assert printed(client, b"\x18\x01\x05\n") == b"\x18\x01\x05\n"
    assert repl.typed(client, "print('text')") == b"text\n"
    client.close()
    client = bridge.connect(kind)
    assert repl.typed(client, "print('text')") == b"text\r\n"


# -- the raw REPL


@pytest.mark.parametrize("mode", [RawMode, RawPasteMode], ids=lambda mode: mode.name)
def test_raw_repl_is_never_touched(client, mode):
    mode.enter(client)
    data = b"a\nb\r\nc\n\n" + bytes(range(256)).replace(b"\x04", b"") + b"\n"
    assert printed(client, data, mode) == data
    assert printed(client, b"text\n", mode) == b"text\n"


def test_raw_and_friendly_in_turn(client):
    for _ in range(5):
        RawMode.enter(client)
        assert printed(client, b"a\n", RawMode) == b"a\n"
        client.send(repl.FRIENDLY)
        repl.banner(client)
        assert printed(client, b"a\n") == b"a\r\n"


def test_raw_repl_left_behind_is_not_touched_for_the_next_client(start_bridge, kind):
    bridge = start_bridge("-v")
    client = bridge.connect(kind)
    repl.enter_raw(client)
    client.close()
    client = bridge.connect(kind)
    assert printed(client, b"a\n", RawMode) == b"a\n"


# -- --newline


def test_raw_passes_everything_through(start_bridge, kind):
    client = client_of(start_bridge, kind, "--newline=raw")
    assert repl.typed(client, "print('a\\nb')") == b"a\nb\n"
    RawMode.enter(client)
    assert printed(client, b"a\n", RawMode) == b"a\n"


def test_crlf_does_it_in_the_raw_repl_too(start_bridge, kind):
    client = client_of(start_bridge, kind, "--newline", "crlf")
    assert repl.typed(client, "print('a\\nb')") == b"a\r\nb\r\n"
    for mode in (RawMode, RawPasteMode):
        mode.enter(client)
        assert printed(client, b"a\nb\r\n", mode) == b"a\r\nb\r\n"
        assert repl.run(client, mode, "print('START TEST')") == b"START TEST\r\n"


def test_crlf_leaves_binary_output_alone_in_the_raw_repl(start_bridge, kind):
    client = client_of(start_bridge, kind, "--newline=crlf")
    RawMode.enter(client)
    assert printed(client, b"a\n\x00\nb\n", RawMode) == b"a\n\x00\nb\n"
    assert printed(client, b"a\n", RawMode) == b"a\r\n"


def test_auto_can_be_named(start_bridge, kind):
    client = client_of(start_bridge, kind, "--newline=auto")
    assert repl.typed(client, "print('a')") == b"a\r\n"
    RawMode.enter(client)
    assert printed(client, b"a\n", RawMode) == b"a\n"


# -- programs that are not MicroPython


@pytest.mark.parametrize("newline", ["auto", "raw"])
def test_other_programs_are_passed_through_unchanged(start_bridge, kind, newline):
    client = start_bridge(f"--newline={newline}", board=program("all_bytes")).connect(kind)
    if kind == "rfc2217":
        client.agree_binary()
    client.send(b"..")
    assert client.read_exact(512) == bytes(range(256)) * 2


def test_text_of_other_programs_is_unchanged_too(start_bridge, kind):
    client = start_bridge(board=program("echo_bytes")).connect(kind)
    if kind == "rfc2217":
        client.agree_binary()
    client.send(b"one\ntwo\r\nthree\n.")
    assert client.read_until(b".") == b"one\ntwo\r\nthree\n."
