"""How a visit can end besides well and badly."""


class Refused(Exception):
    """Somebody else had the board. The client may still have its connection."""

    def __init__(self, client=None):
        super().__init__()
        self.client = client


class Excused(Exception):
    """The client's own patience was shorter than the time for which somebody had stopped the bridge or the board."""
