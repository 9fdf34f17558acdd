"""Runs on the computer; what it tests runs on a MicroPython board."""

import shutil
from pathlib import Path

import pytest

from mpremote_bridge import Board, BoardError

LIBRARY = Path(__file__).with_name("ring_buffer.py")


@pytest.fixture
def board(micropython_board: Board) -> Board:
    """A board with the library, and one small buffer."""
    shutil.copy(LIBRARY, micropython_board.root)
    micropython_board.exec("from ring_buffer import RingBuffer; ring = RingBuffer(4)")
    return micropython_board


def take(board: Board, count: int) -> object:
    board.exec(f"taken = bytearray({count}); count = ring.take_into(taken)")
    return board.eval("bytes(taken[:count])")


def test_gives_back_in_order_what_it_took(board: Board) -> None:
    board.exec("ring.put(b'abc')")
    assert board.eval("len(ring)") == 3
    assert [take(board, 2), take(board, 2)] == [b"ab", b"c"]


@pytest.mark.parametrize("length", [4, 5, 11])
def test_keeps_the_newest(board: Board, length: int) -> None:
    data = bytes(range(length))
    board.exec(f"ring.put({data!r})")
    assert take(board, 10) == data[-4:]


def test_uses_no_memory_when_data_comes_and_goes(board: Board) -> None:
    board.exec(
        """
        import micropython
        data, buffer = b"0123456789", bytearray(3)

        def come_and_go():
            ring.put(data)
            ring.take_into(buffer)

        come_and_go()
        micropython.heap_lock()
        try:
            come_and_go()
        finally:
            micropython.heap_unlock()
        """
    )


def test_takes_only_what_holds_bytes(board: Board) -> None:
    with pytest.raises(BoardError, match="TypeError"):
        board.exec("ring.put(42)")


def test_at_the_serial_port(board: Board) -> None:
    """The library in a program that echoes the newest bytes of a line, as someone at a terminal sees it."""
    (board.root / "echo.py").write_text("ring.put(input('? ').encode()); print(bytes(ring._data))\n")
    with board.serial() as port:
        port.write(b"exec(open('/echo.py').read())\r")
        port.read_until(b"? ")
        port.write(b"123456\r")
        assert b"b'5634'" in port.read_until(b">>> ")
