"""Grades one submission after another in a process that dies with whoever started it.

`grade` hands a submission to such a process. Each thread that calls it has
its own: on this machine the threads of a pool, on a cluster Dask's.
"""

import dataclasses
import threading

from lstm_grade.box.workers import FailedError, Lost, Nursery, Worker
from lstm_grade.run.assignment import Assignment
from lstm_grade.run.errors import NotGradedError
from lstm_grade.run.submission import Graded, Submission, answer, lost

__all__ = ["LostError", "Nursery", "close", "grade"]

# Seconds beyond a submission's own limits, which end it long before.
GRACE = 60

_here = threading.local()


class LostError(NotGradedError):
    """The process that grades was lost, or gave no answer, with a submission in it."""


def grade(assignment: Assignment, submission: Submission, unsafe: bool = False) -> Graded:
    """Grade a submission in this thread's process; a lost process is replaced for the next one.

    Parameters
    ----------
    assignment : Assignment
    submission : Submission
    unsafe : bool
        Run student code without a sandbox.

    Raises
    ------
    LostError
        If the process was lost.
    NotGradedError
        If the submission cannot be graded.
    SandboxError
        If no submission can be graded here.
    """
    worker = getattr(_here, "worker", None)
    if worker is None or worker.unsafe != unsafe:
        worker = _here.worker = Worker(unsafe)
    function, task = f"{__name__}:graded", (assignment, submission)
    try:
        told = worker.do(function, task, assignment.wall + GRACE, cpu=assignment.seconds)
    except Lost as error:
        _here.worker = None
        raise LostError(f"the process that grades was lost ({error})") from error
    except FailedError as error:
        raise NotGradedError(str(error)) from error
    if "failed" in told:
        raise NotGradedError(told["failed"])
    return Graded(**told)


def graded(examiner, assignment, submission):
    """Grade a submission, in the process that does it; return plain data."""
    try:
        return dataclasses.asdict(answer(examiner, assignment, submission))
    except NotGradedError as error:
        return {"failed": str(error)}


def alone(assignment: Assignment, submission: Submission, unsafe: bool = False) -> Graded:
    """Grade one submission; once more if the machine was busy, or the process was lost.

    Raises
    ------
    NotGradedError
        If it cannot be graded.
    SandboxError
        If no submission can be graded here.
    """
    try:
        for _ in range(2):
            graded, failed = None, None
            try:
                graded = grade(assignment, submission, unsafe)
            except LostError as error:
                failed = error
            if graded and not graded.late:
                return graded
        if failed:
            return lost(assignment, str(failed))
        raise NotGradedError("this machine was too busy for it, twice")
    finally:
        close()


def close() -> None:
    """End this thread's process."""
    worker, _here.worker = getattr(_here, "worker", None), None
    if worker:
        worker.kill()
