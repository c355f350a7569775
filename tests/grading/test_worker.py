"""The processes that grade: one that is lost is replaced, and none outlives the command."""

import os
import signal

import pytest

from lstm_grade.run import worker
from lstm_grade.run.assignment import Assignment
from lstm_grade.run.submission import Graded, Submission

# Without a notebook nothing is executed.
TASK = Assignment("gates", {}), Submission("ada", {"notes.csv": b"1,2"})


@pytest.fixture
def mine():
    """Return this thread's worker, and end it afterwards."""
    worker.grade(*TASK)
    yield worker._here.worker
    if worker._here.worker:
        worker._here.worker.kill()
    worker._here.worker = None


def test_lost_process_is_replaced(mine):
    os.kill(mine.pid, signal.SIGKILL)
    with pytest.raises(worker.LostError, match="the process that grades was lost"):
        worker.grade(*TASK)
    assert worker.grade(*TASK) == Graded(files={"notes.csv": b"1,2"})
    assert worker._here.worker.pid != mine.pid


def test_submission_that_takes_too_long_is_lost(mine, monkeypatch):
    monkeypatch.setattr(worker, "_GRACE", -1000)
    large = Submission("ada", {"notes.csv": bytes(20 << 20)})  # no answer is there at once
    with pytest.raises(worker.LostError, match="no answer in"):
        worker.grade(TASK[0], large)
    monkeypatch.undo()
    worker.grade(*TASK)


def test_process_ends_when_nobody_asks_any_more():
    other = worker.Worker()
    other.sock.close()
    assert other.process.wait(60) == 0
