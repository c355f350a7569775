"""How long a submission has worked: time that it waits for a busy processor is not its own."""

from __future__ import annotations

import os
import time
from pathlib import Path


class TimeUpError(TimeoutError):
    """A submission has used the time it had; `starved` if only the clock on the wall says so."""

    def __init__(self, text: str, starved: bool = False) -> None:
        super().__init__(text)
        self.starved = starved


class Clock:
    """Reads how long a process stood in line for a processor, as the kernel counts it.

    Parameters
    ----------
    pid : int
        0 if it is not known: then only the clock on the wall counts.
    """

    def __init__(self, pid: int) -> None:
        try:
            self.file = os.open(f"/proc/{pid}/schedstat", os.O_RDONLY)
        except OSError:  # a kernel without it, or a /proc that hides it
            self.file = -1
        self.pid = pid
        self.waited = 0.0
        self.read()

    def read(self) -> float:
        """Return the seconds that its first thread was ready to run and did not."""
        try:
            _, waited, _ = os.pread(self.file, 100, 0).split()
            self.waited = int(waited) / 1e9
        except (OSError, ValueError):
            pass  # it has ended: what was read last
        return self.waited

    def worked(self) -> float:
        """Return the seconds that all its threads worked."""
        try:
            return time.clock_gettime(~self.pid << 3 | 2)  # CPUCLOCK_SCHED of this process
        except OSError:
            return 0.0

    def children_worked(self) -> float:
        """Return the seconds that processes worked which it has started and that still run."""
        seconds, pids = 0.0, [str(self.pid)]
        while pids:
            for children in Path(f"/proc/{pids.pop()}/task").glob("*/children"):
                try:
                    found = children.read_text().split()
                except OSError:
                    continue
                pids += found
                seconds += sum(Clock(int(pid)).once() for pid in found)
        return seconds

    def once(self) -> float:
        """Return what `worked` does, and close."""
        self.close()
        return self.worked()

    def close(self) -> None:
        """Close the file."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


class Lap:
    """One question to a process: says how many seconds are left, and raises when none are.

    Parameters
    ----------
    clock : Clock
    limit : float
        Seconds of its own: working, or asleep, but not waiting for a processor.
    patience : float
        How many times `limit` may pass on the wall.
    end : float
        When it is over in any case, as a `time.monotonic`.
    """

    def __init__(self, clock: Clock, limit: float, patience: float, end: float) -> None:
        self.began = time.monotonic()
        self.clock, self.limit = clock, limit
        self.wall = min(patience * limit, end - self.began)
        self.waited, self.worked = clock.read(), clock.worked()
        self.paused = 0.0

    def __call__(self) -> float:
        """Return how long it can be waited before this has to be asked again."""
        passed = time.monotonic() - self.began - self.paused
        if passed < min(self.limit, self.wall):
            return min(self.limit, self.wall) - passed
        own = passed - (self.clock.read() - self.waited)
        if own >= self.limit:
            raise TimeUpError(f"It took more than {self.limit:g} s.")
        if passed >= self.wall:
            busy = self.clock.worked() - self.worked + self.clock.children_worked()
            if busy >= self.limit:  # with others of its own it stood in line
                raise TimeUpError(f"It took more than {self.limit:g} s.")
            raise TimeUpError(
                f"It did not end within {self.wall:g} s: this machine was too busy.", starved=True
            )
        return max(0.02, min(self.limit - own, self.wall - passed))

    def own(self) -> float:
        """Return the seconds of its own so far."""
        passed = time.monotonic() - self.began - self.paused
        if passed < 0.01:
            return passed
        return max(0.0, passed - (self.clock.read() - self.waited))

    def pause(self, seconds: float) -> None:
        """Do not count these seconds: it waited for us."""
        self.paused += seconds
