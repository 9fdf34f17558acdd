"""What can go wrong; that the board takes too long is a TimeoutError."""


class BoardError(Exception):
    """Code on the board raised an exception, or the board restarted under it."""

    def __init__(self, message: str, output: str, traceback: str = "") -> None:
        printed = f"\nBefore that it printed:\n{output}" if output else ""
        super().__init__(f"{message}\n{traceback}{printed}".rstrip())
        self.output = output
        self.traceback = traceback


class BridgeError(Exception):
    """The bridge did not start, has ended, or has another client."""
