"""How long a submission has worked, and what it takes together with all that it has started.

Time that it waits for a busy processor is not its own. Memory that a process got from the
one it was forked from is not its own either.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from lstm_grade.box.frames import Closed

OFTEN = 0.1  # seconds from one look at the memory of a submission to the next


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
    memory : int, optional
        Bytes that it may take together with the processes it has started, each
        beyond what it has now.
    """

    def __init__(self, pid: int, memory: int | None = None) -> None:
        try:
            self.file = os.open(f"/proc/{pid}/schedstat", os.O_RDONLY)
        except OSError:  # a kernel without it, or a /proc that hides it
            self.file = -1
        self.pid = pid
        self.waited = 0.0
        self.memory, self.before = memory, _taken(str(pid))
        self.next = 0.0
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

    def children(self) -> list[str]:
        """Return the ids of processes which it has started and that still run."""
        found, pids = [], [str(self.pid)]
        while pids:
            for children in Path(f"/proc/{pids.pop()}/task").glob("*/children"):
                try:
                    pids += (new := children.read_text().split())
                except OSError:
                    continue
                found += new
        return found

    def children_worked(self) -> float:
        """Return the seconds that these worked."""
        return sum(Clock(int(pid)).once() for pid in self.children())

    def once(self) -> float:
        """Return what `worked` does, and close."""
        self.close()
        return self.worked()

    def weigh(self) -> None:
        """Look at its memory, if that was not done just now.

        Raises
        ------
        Closed
            If it takes too much together with what it has started: whoever
            hears of it ends them all.
        """
        now = time.monotonic()
        if self.memory is None or now < self.next:
            return
        self.next = now + OFTEN
        # Alone it has a limit of its own.
        if not (pids := self.children()):
            return
        pids.append(str(self.pid))
        # The first says too much where they share pages, and costs a hundredth.
        for taken in (_taken, _taken_in_shares):
            if sum(max(taken(pid) - self.before, 0) for pid in pids) <= self.memory:
                return
        raise Closed

    def close(self) -> None:
        """Close the file."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


def _taken(pid: str, file: str = "status", prefix: str = "Rss") -> int:
    """Return the bytes of memory that a process has and that are in no file."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    fields = dict(line.split(":", 1) for line in lines if line.startswith(prefix))
    return 1024 * sum(int(fields.get(prefix + kind, "0").split()[0]) for kind in ("Anon", "Shmem"))


def _taken_in_shares(pid: str) -> int:
    """Return the same, but of what several have in common a share; 0 where nobody may know it."""
    return _taken(pid, "smaps_rollup", "Pss_")


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
        self.clock.weigh()
        passed = time.monotonic() - self.began - self.paused
        if passed < min(self.limit, self.wall):
            return min(self.limit, self.wall, passed + OFTEN) - passed
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
        return max(0.02, min(self.limit - own, self.wall - passed, OFTEN))

    def own(self) -> float:
        """Return the seconds of its own so far."""
        passed = time.monotonic() - self.began - self.paused
        if passed < 0.01:
            return passed
        return max(0.0, passed - (self.clock.read() - self.waited))

    def pause(self, seconds: float) -> None:
        """Do not count these seconds: it waited for us."""
        self.paused += seconds
