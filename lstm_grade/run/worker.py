"""A process that grades one submission after another, and dies with whoever started it.

`grade` hands a submission to such a process. Each thread that calls it has
its own: on this machine the threads of a pool, on a cluster Dask's.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle

from lstm_grade.run.assignment import Assignment
from lstm_grade.run.errors import NotGradedError
from lstm_grade.run.submission import Graded, Submission, answer, lost

# Seconds beyond a submission's own limits, which end it long before.
_GRACE = 60

_here = threading.local()
_nursery = None
_interrupted = threading.Event()


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
    try:
        outcome = worker.ask((assignment, submission), assignment.seconds + _GRACE)
    except (EOFError, OSError, TimeoutError) as error:
        worker.kill()
        _here.worker = None
        what = str(error) or "it ended without a word"
        raise LostError(f"the process that grades was lost ({what})") from error
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


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


class Worker:
    """One such process, with its sandbox warm.

    Parameters
    ----------
    unsafe : bool
        Run student code without a sandbox.
    """

    def __init__(self, unsafe=False):
        self.unsafe = unsafe
        self._pipe, theirs = Pipe()
        self._process = None
        with theirs:
            if _nursery:
                self._pid = _nursery.start(theirs, unsafe)
                return
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lstm_grade.run.worker", str(theirs.fileno())]
                + ["--unsafe"] * unsafe,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._pid = self._process.pid

    def ask(self, task, seconds):
        """Send a task and return the answer; EOFError or TimeoutError if there is none."""
        self._pipe.send(task)
        if not self._pipe.poll(seconds):
            raise TimeoutError(f"no answer in {seconds:.0f} s")
        return self._pipe.recv()

    def kill(self):
        """Kill the process."""
        self._pipe.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        if self._process:
            self._process.wait()


class Nursery:
    """A copy of this process, from which workers are forked: they need not import anything.

    It has to be made while this process has no threads and no gradebook. Until
    `close`, all workers come from it.
    """

    def __init__(self):
        global _nursery
        # For all workers at once: what they import, and what nbformat compiles when first asked.
        import nbformat

        from lstm_grade.box import split  # noqa: F401

        nbformat.validate(nbformat.v4.new_notebook())
        self._lock = threading.Lock()
        self._pipe, theirs = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._pipe.close()
            _be_nursery(theirs)
        theirs.close()
        _nursery = self

    def start(self, pipe, unsafe):
        """Fork a worker that answers at this end of a pipe; return its process id."""
        with self._lock:
            self._pipe.send(unsafe)
            send_handle(self._pipe, pipe.fileno(), self._pid)
            return self._pipe.recv()

    def close(self, kill=False):
        """End it: when its workers have ended, or at once, with all of them."""
        global _nursery
        _nursery = None
        if kill:
            _interrupted.set()
            os.kill(self._pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
        self._pipe.close()
        os.waitpid(self._pid, 0)


def _be_nursery(pipe):
    os.setsid()  # Ctrl-C is for the command, which then closes the pipes
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with contextlib.suppress(EOFError):
        while True:
            unsafe = pipe.recv()
            theirs = recv_handle(pipe)
            pid = os.fork()
            if pid == 0:
                pipe.close()
                try:
                    serve(Connection(theirs), unsafe)
                finally:
                    os._exit(0)
            os.close(theirs)
            pipe.send(pid)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)


def serve(pipe, unsafe):
    """Answer tasks until whoever sends them is gone."""
    # jsonschema, which nbformat imports, makes a parser of URLs out of it: 1.3 s for nothing.
    sys.modules.setdefault("rfc3987_syntax", None)
    from lstm_grade.box.split import Executor, SandboxError  # only this process needs them

    with Executor(unsafe=unsafe) as executor:
        while True:
            try:
                assignment, submission = pipe.recv()
            except EOFError:
                return
            try:
                graded = answer(executor, assignment, submission)
            except (SandboxError, NotGradedError) as error:
                graded = error
            except Exception as error:  # it concerns this submission alone
                graded = NotGradedError(f"{type(error).__name__}: {error}")
            pipe.send(graded)


if __name__ == "__main__":
    # What it sends must be of lstm_grade.run.worker, not of __main__.
    from lstm_grade.run.worker import serve

    serve(Connection(int(sys.argv[1])), unsafe="--unsafe" in sys.argv)
