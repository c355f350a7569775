"""The processes that grade: one that is lost is replaced, and none outlives the command."""

import psutil
import pytest

from lstm_grade.run import worker
from lstm_grade.run.assignment import Assignment
from lstm_grade.run.submission import Graded, Submission

# Without a notebook nothing is executed.
TASK = Assignment("gates", {}), Submission("ada", {"notes.csv": b"1,2"})


@pytest.fixture(autouse=True)
def ended():
    """End this thread's process afterwards."""
    yield
    worker.close()


def started(work):
    """Do some work; return the process that was started for it."""
    before = set(psutil.Process().children())
    work()
    (process,) = set(psutil.Process().children()) - before
    return process


def test_lost_process_is_replaced():
    mine = started(lambda: worker.grade(*TASK))
    mine.kill()
    with pytest.raises(worker.LostError, match="the process that grades was lost"):
        worker.grade(*TASK)
    other = started(lambda: worker.grade(*TASK))
    assert other.pid != mine.pid
    assert worker.grade(*TASK) == Graded(files={"notes.csv": b"1,2"})


def test_submission_that_takes_too_long_is_lost(monkeypatch):
    worker.grade(*TASK)
    monkeypatch.setattr(worker, "GRACE", -1000)
    large = Submission("ada", {"notes.csv": bytes(20 << 20)})  # no answer is there at once
    with pytest.raises(worker.LostError, match="no answer in"):
        worker.grade(TASK[0], large)
    monkeypatch.undo()
    worker.grade(*TASK)


def test_process_ends_when_nobody_asks_any_more():
    other = worker.Worker()
    other.sock.close()
    assert other.process.wait(60) == 0
