"""What a board of the fixtures can do."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from serial import serial_for_url

from mpremote_bridge import Board, BoardError, BoardFactory, BridgeError

PROMPT = b">>> "


def assert_at_friendly_prompt(board: Board) -> None:
    with serial_for_url(board.socket_url, timeout=10) as port:
        port.write(b"6 * 7\r")
        assert port.read_until(b"42\r\n" + PROMPT).endswith(b"\r\n42\r\n" + PROMPT)


def test_exec_gives_what_was_printed(micropython_board: Board) -> None:
    assert micropython_board.exec("print('Grüße', 6 * 7)") == "Grüße 42\n"


def test_it_is_micropython(micropython_board: Board) -> None:
    assert micropython_board.exec("import sys; print(sys.implementation.name)") == "micropython\n"


def test_variables_stay_from_call_to_call(micropython_board: Board) -> None:
    micropython_board.exec("x = 42")
    assert micropython_board.eval("x") == 42


def test_code_may_be_indented_and_long(micropython_board: Board) -> None:
    lines = "".join(f"        total += {number}\n" for number in range(10_000))
    assert micropython_board.exec(f"        total = 0\n{lines}        print(total)\n") == f"{sum(range(10_000))}\n"


def test_code_may_be_empty(micropython_board: Board) -> None:
    micropython_board.exec("x = 42")
    assert micropython_board.exec("") == ""
    assert micropython_board.eval("x") == 42


def test_much_output_is_complete(micropython_board: Board) -> None:
    assert micropython_board.exec("for i in range(100000): print(i)") == "".join(f"{i}\n" for i in range(100_000))


@pytest.mark.parametrize("value", [42, -1.5, "a\n'b\"", b"\x00\xff", None, True, [1, (2,)], {"a": {1, 2}}], ids=repr)
def test_eval_gives_values(shared_board: Board, value: object) -> None:
    assert shared_board.eval(repr(value)) == value


def test_eval_of_what_is_no_literal_says_what_it_is(shared_board: Board) -> None:
    with pytest.raises(ValueError, match=r"object\(\) is not a literal on the board: <object>"):
        shared_board.eval("object()")


def test_an_exception_has_its_traceback_and_what_was_printed(micropython_board: Board) -> None:
    with pytest.raises(BoardError, match="ValueError: no such pin") as caught:
        micropython_board.exec("print('before')\nraise ValueError('no such pin')")
    assert caught.value.output == "before\n"
    assert caught.value.traceback.startswith("Traceback (most recent call last):\n")
    assert "line 2" in caught.value.traceback
    assert "before" in str(caught.value)
    assert_at_friendly_prompt(micropython_board)


@pytest.mark.parametrize("code", ["import sys; sys.exit()", "import os; os.system('kill -SEGV $PPID')"])
def test_a_restart_under_the_code_is_an_error(micropython_board: Board, code: str) -> None:
    with pytest.raises(BoardError, match="the board restarted") as caught:
        micropython_board.exec(f"x = 1\nprint('before')\n{code}")
    assert caught.value.output.startswith("before\n")
    assert_at_friendly_prompt(micropython_board)
    assert micropython_board.eval("'x' in globals()") is False


def test_code_that_takes_too_long_is_interrupted_by_the_next_call(micropython_board: Board) -> None:
    micropython_board.exec("x = 1")
    with pytest.raises(TimeoutError, match=r"longer than 0\.5 s"):
        micropython_board.exec("while True: pass", timeout=0.5)
    assert micropython_board.eval("x") == 1


def test_reset_clears_variables_and_keeps_files(micropython_board: Board) -> None:
    for _ in range(5):
        micropython_board.exec("x = 1\nopen('kept', 'w').close()")
        micropython_board.reset()
        assert micropython_board.eval("'x' in globals()") is False
    assert (micropython_board.root / "kept").exists()


def test_reset_ends_what_cannot_be_interrupted(micropython_board: Board) -> None:
    with pytest.raises(TimeoutError):
        micropython_board.exec("import micropython\nmicropython.kbd_intr(-1)\nwhile True: pass", timeout=0.5)
    micropython_board.reset()
    assert micropython_board.eval("6 * 7") == 42


def test_a_module_in_the_root_can_be_imported(micropython_board: Board) -> None:
    (micropython_board.root / "greeting.py").write_text("TEXT = 'Hello'\n")
    (micropython_board.root / "lib").mkdir()
    (micropython_board.root / "lib" / "name.py").write_text("TEXT = 'World'\n")
    assert micropython_board.exec("import greeting, name; print(greeting.TEXT, name.TEXT)") == "Hello World\n"


def test_the_board_writes_into_its_root(micropython_board: Board) -> None:
    micropython_board.exec("with open('/data', 'w') as file: file.write('42')")
    assert (micropython_board.root / "data").read_text() == "42"


def test_serial_is_a_port_of_pyserial(micropython_board: Board) -> None:
    with micropython_board.serial(baudrate=9600) as port:
        assert port.baudrate == 9600
        port.write(b"print(6 * 7)\r")
        assert port.read_until(b"\r\n42\r\n" + PROMPT).endswith(b"\r\n42\r\n" + PROMPT)
    assert not port.is_open


def test_a_break_at_the_serial_port_resets(micropython_board: Board) -> None:
    micropython_board.exec("x = 1")
    with micropython_board.serial() as port:
        port.send_break()
        assert b"MicroPython" in port.read_until(PROMPT)
    assert micropython_board.eval("'x' in globals()") is False


def test_a_serial_port_left_open_is_closed_with_the_board(micropython_board_factory: BoardFactory) -> None:
    with micropython_board_factory() as board:
        port = board.serial()
    assert not port.is_open


def test_an_open_serial_port_keeps_others_away(micropython_board: Board) -> None:
    calls: list[Callable[[], object]] = [lambda: micropython_board.exec("pass"), micropython_board.reset]
    with micropython_board.serial():
        for call in calls:
            with pytest.raises(BridgeError, match=r"busy: close what serial\(\) gave"):
                call()
    assert micropython_board.eval("1") == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial.rfc2217")
@pytest.mark.parametrize("name", ["url", "socket_url"])
def test_its_urls_lead_to_it(micropython_board: Board, name: str) -> None:
    url = getattr(micropython_board, name)
    micropython_board.exec("x = 42")
    with serial_for_url(url, timeout=10) as port:
        port.write(b"x\r")
        assert port.read_until(b"42\r\n" + PROMPT).endswith(b"42\r\n" + PROMPT)


def test_two_boards_share_nothing(micropython_board: Board, micropython_board_factory: BoardFactory) -> None:
    with micropython_board_factory() as other:
        boards = [micropython_board, other]
        assert len({port for board in boards for port in (board.port, board.socket_port)}) == 4
        for number, board in enumerate(boards):
            board.exec(f"x = {number}\nopen('file-{number}', 'w').close()")
        assert [board.eval("x") for board in boards] == [0, 1]
        assert [[file.name for file in board.root.iterdir()] for board in boards] == [["file-0"], ["file-1"]]


def test_a_board_takes_options_of_the_bridge(micropython_board_factory: BoardFactory) -> None:
    with micropython_board_factory("-X", "heapsize=4M") as large, micropython_board_factory() as usual:
        free = "(__import__('gc').collect(), __import__('gc').mem_free())[1]"
        assert large.eval(free) > 3 << 20 > usual.eval(free)


def test_a_wrong_option_is_named(micropython_board_factory: BoardFactory) -> None:
    with pytest.raises(BridgeError, match=r"(?s)mpremote-bridge ended with 2; its log:.*--no-such-option"):
        micropython_board_factory("--no-such-option")


def test_a_bridge_that_has_ended_is_named_as_the_reason(micropython_board: Board) -> None:
    os.kill(micropython_board.pid, signal.SIGKILL)
    calls: list[Callable[[], object]] = [
        lambda: micropython_board.exec("pass"), micropython_board.reset, micropython_board.serial,
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(BridgeError, match="mpremote-bridge ended by signal 9"):
            call()


def test_a_bridge_that_ends_under_the_code_is_named_as_the_reason(micropython_board: Board) -> None:
    kill = f"import os; os.system('kill -KILL {micropython_board.pid}')"
    with pytest.raises(BridgeError, match="mpremote-bridge ended by signal 9"):
        micropython_board.exec(f"{kill}\nwhile True: pass")


def test_a_bridge_that_does_not_answer_is_ended_all_the_same(
    micropython_board_factory: BoardFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpremote_bridge.bridge._STOP_DEADLINE", 0.1)
    with micropython_board_factory() as board:
        os.kill(board.pid, signal.SIGSTOP)
    assert not Path(f"/proc/{board.pid}").exists()
