"""The newest bytes that came in, in memory that is allocated once."""


class RingBuffer:
    """Takes any number of bytes and keeps the newest `size`."""

    def __init__(self, size: int) -> None:
        self._data = bytearray(size)
        self._start = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, data: bytes) -> None:
        for byte in data:
            self._data[(self._start + self._count) % len(self._data)] = byte
            if self._count < len(self._data):
                self._count += 1
            else:
                self._start = (self._start + 1) % len(self._data)

    def take_into(self, buffer: bytearray) -> int:
        """Fill the buffer with the oldest bytes; returns how many there were."""
        count = min(len(buffer), self._count)
        for index in range(count):
            buffer[index] = self._data[(self._start + index) % len(self._data)]
        self._start = (self._start + count) % len(self._data)
        self._count -= count
        return count
