"""MicroPython boards for tests, each run by an mpremote-bridge of its own. See the README for the pytest fixtures."""

from .board import Board
from .errors import BoardError, BridgeError
from .factory import BoardFactory

__all__ = ["Board", "BoardError", "BoardFactory", "BridgeError"]
