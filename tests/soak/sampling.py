"""What the kernel says of a program from time to time, and at its end."""

import threading
from dataclasses import dataclass
from statistics import median

from support import processes

WARM_UP = 0.1
"""The part of the run that is left out, because the program has not yet seen everything."""


@dataclass(frozen=True)
class Sample:
    """One program at one moment."""

    rss_kib: int
    descriptors: int
    threads: int
    children: int
    cpu_seconds: float


def take(pid):
    return Sample(
        rss_kib=int(processes.status(pid, "VmRSS").split()[0]),
        descriptors=len(processes.open_files(pid)),
        threads=int(processes.status(pid, "Threads")),
        children=len(processes.children(pid)),
        cpu_seconds=processes.cpu_seconds(pid),
    )


class Sampler(threading.Thread):
    """Takes samples of a program until the run ends; `before` and `after` are those at rest."""

    def __init__(self, world, program, seconds):
        super().__init__(daemon=True)
        self.program, self.samples = program, []
        self.before = self.after = None
        self._world, self._seconds = world, seconds

    def run(self):
        while not self._world.ending.is_set() and self.program.process.poll() is None:
            self.samples.append(take(self.program.pid))
            self._world.pause(self._seconds)

    def first(self, field):
        """The median of the first fifth behind the warm-up."""
        values = self._steady(field)
        return median(values[: self._fifth(values)])

    def last(self, field):
        """The median of the last fifth."""
        values = self._steady(field)
        return median(values[-self._fifth(values) :])

    def most(self, field):
        return max(getattr(sample, field) for sample in self.samples)

    def _steady(self, field):
        return [getattr(sample, field) for sample in self.samples[int(len(self.samples) * WARM_UP) :]]

    @staticmethod
    def _fifth(values):
        return max(1, len(values) // 5)
