"""Who grades: all cores of this machine, or a cluster."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from lstm_grade.run import worker
from lstm_grade.run.errors import CannotGradeError


@dataclass(frozen=True)
class Pool:
    """Whom to hand submissions to, and how to count who is there."""

    executor: Executor
    workers: Callable[[], int]

    def submit(self, function, *arguments):
        """Let somebody call a function; return the future."""
        return self.executor.submit(function, *arguments)


@contextmanager
def this_machine() -> Iterator[Pool]:
    """Use all cores of this machine; this process must have no threads yet."""
    nursery = worker.Nursery()
    cores = len(os.sched_getaffinity(0))
    pool = ThreadPoolExecutor(cores)
    try:
        yield Pool(pool, lambda: cores)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        nursery.close(kill=True)
        raise
    pool.shutdown()
    nursery.close()


@contextmanager
def cluster(scheduler: str) -> Iterator[Pool]:
    """Use the workers of a Dask scheduler."""
    from distributed import Client  # only where a cluster is asked for

    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise CannotGradeError(f"no Dask scheduler answers at {scheduler} ({error}).") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=30)
        except TimeoutError as error:
            raise CannotGradeError(
                f"the scheduler at {scheduler} has no workers. Start some: dask worker {scheduler}"
            ) from error
        # A lost worker's submissions go to the others by themselves.
        executor = client.get_executor(pure=False)
        yield Pool(executor, lambda: len(client.scheduler_info()["workers"]))
