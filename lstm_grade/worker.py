"""A process that grades one submission after another, and dies with whoever started it.

`grade` hands a submission to such a process. Each thread that calls it has
its own: on this machine the threads of a pool, on a cluster Dask's.
"""

import functools
import subprocess
import sys
import threading
from multiprocessing.connection import Connection, Pipe

from lstm_grade.submission import grade as grade_submission

# Seconds beyond a submission's own limits, which end it long before.
_GRACE = 60

_here = threading.local()
_workers = []
_interrupted = threading.Event()


class NotGradedError(Exception):
    """Why a submission has no grade."""


def grade(assignment, submission, unsafe=False):
    """Grade a submission in this thread's process; a lost process is replaced once.

    Parameters
    ----------
    assignment : Assignment
    submission : Submission
    unsafe : bool
        Run student code without a sandbox.

    Returns
    -------
    Graded

    Raises
    ------
    NotGradedError
        If it cannot be graded, or its process was lost twice.
    SandboxError
        If no submission can be graded here.
    """
    for _ in range(2):
        worker = getattr(_here, "worker", None)
        if worker is None or worker.unsafe != unsafe:
            worker = _here.worker = Worker(unsafe)
        try:
            outcome = worker.ask((assignment, submission), assignment.seconds + _GRACE)
        except (EOFError, OSError, TimeoutError) as error:
            worker.stop()
            _here.worker = None
            lost = error
            if _interrupted.is_set():
                break
            continue
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
    what = str(lost) or "it ended without a word; out of memory?"
    raise NotGradedError(f"the process that grades was lost twice ({what})")


class Worker:
    """One such process, with its sandbox warm.

    Parameters
    ----------
    unsafe : bool
        Run student code without a sandbox.
    """

    def __init__(self, unsafe=False):
        self.unsafe = unsafe
        _workers.append(self)
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lstm_grade.worker", str(theirs.fileno())]
                + ["--unsafe"] * unsafe,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the command, which then closes the pipe
            )

    def ask(self, task, seconds):
        """Send a task and return the answer; EOFError or TimeoutError if there is none."""
        self._pipe.send(task)
        if not self._pipe.poll(seconds):
            raise TimeoutError(f"no answer in {seconds:.0f} s")
        return self._pipe.recv()

    def kill(self):
        """Kill the process; whoever waits for its answer gets EOFError."""
        self._process.kill()

    def stop(self, patience=0.0):
        """End the process: ask, wait for so many seconds, kill."""
        if self in _workers:
            _workers.remove(self)
        self._pipe.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def stop_all(patience):
    """End the processes of all threads; wait for so many seconds, then kill."""
    while _workers:
        _workers[-1].stop(patience)


def interrupt():
    """End the processes of all threads at once, whatever they are at."""
    _interrupted.set()
    for worker in list(_workers):
        worker.kill()


def serve(pipe, unsafe):
    """Answer tasks until whoever sends them is gone."""
    # jsonschema, which nbformat imports, makes a parser of URLs out of it: 1.3 s for nothing.
    sys.modules.setdefault("rfc3987_syntax", None)
    from lstm_grade.split import Executor, SandboxError  # only this process needs them

    with Executor(unsafe=unsafe) as executor:
        while True:
            try:
                assignment, submission = pipe.recv()
            except EOFError:
                return
            try:
                answer = _answer(executor, assignment, submission)
            except SandboxError as error:
                answer = error
            except Exception as error:  # it concerns this submission alone
                answer = NotGradedError(f"{type(error).__name__}: {error}")
            pipe.send(answer)


def _answer(executor, assignment, submission):
    from nbformat import from_dict

    def execute(notebook, source, files):
        report = executor.run(
            from_dict(notebook),
            _rules(source),
            student=submission.student,
            assignment=assignment.name,
            secret=assignment.secret,
            files=tuple(files.items()),
        )
        return report.notebook, report.odd

    return grade_submission(assignment, submission, execute)


@functools.cache
def _rules(source):
    from nbformat import v4

    from lstm_grade.split import Rules

    return Rules.of(v4.reads(source.decode()))


if __name__ == "__main__":
    # What it sends must be of lstm_grade.worker, not of __main__.
    from lstm_grade.worker import serve

    serve(Connection(int(sys.argv[1])), unsafe="--unsafe" in sys.argv)
