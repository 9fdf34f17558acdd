"""Boards for tests that change nothing on them."""

import pytest

from mpremote_bridge import Board, BoardFactory


@pytest.fixture(scope="session")
def shared_board(micropython_board_factory: BoardFactory) -> Board:
    return micropython_board_factory()
