"""What has happened so far, counted by all threads together."""

import threading
from collections import Counter


class Tally:
    """`visits`, `refused` and `excused` are by kind of client, `acts` and `faults` by what was done."""

    def __init__(self):
        self._lock = threading.Lock()
        self.visits, self.refused, self.excused = Counter(), Counter(), Counter()
        self.acts, self.faults = Counter(), Counter()
        self.sent = self.received = self.lost = self.resets = 0
        self.failures = []

    def count(self, counter, name, number=1):
        with self._lock:
            counter[name] += number

    def fault(self, name, number=1):
        self.count(self.faults, name, number)

    def reset(self):
        with self._lock:
            self.resets += 1

    def transfer(self, sent=0, received=0):
        """Bytes of which it was seen that they arrived."""
        with self._lock:
            self.sent += sent
            self.received += received

    def lose(self, count):
        with self._lock:
            self.lost += count

    def fail(self, text):
        with self._lock:
            self.failures.append(text)
