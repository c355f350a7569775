"""The processes that test can be lost: they are replaced, and nobody else notices."""

import ctypes
import dataclasses
import os
import signal
import threading
import time

import pytest
from nbformat import v4

from lstm_grade.box import workers
from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.split import Executor, SandboxError
from lstm_grade.box.workers import FailedError, Lost, Nursery, Worker
from tests.grading.conftest import POINTS, RULES, SOURCE, error, points

WHO = {"student": "ada", "assignment": "a"}


def task(test, limits=None):
    """Return a notebook with one cell and one test, and its rules."""
    cells = [v4.new_code_cell("def f():\n    return 1", id="f"), v4.new_code_cell(test, id="t")]
    cells[1].metadata["nbgrader"] = {"grade_id": "t", "points": 1}
    rules = Rules(tests={"t": test}, exports=("f",), preload=("numpy",))
    return v4.new_notebook(cells=cells), dataclasses.replace(rules, limits=limits or Limits())


ENDS = {
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "segmentation fault": "import ctypes\nctypes.string_at(0)",
    "an exit": "import os\nos._exit(0)",
    "for ever": "while True:\n    pass",
}


@pytest.mark.parametrize("name", ENDS)
def test_who_ends_the_process_twice_gets_nothing_and_nobody_else_notices(executor, name):
    notebook, rules = task(ENDS[name], Limits(notebook=1))
    before = notebook.copy()
    report = executor.run(notebook, rules, **WHO)
    assert error(report).evalue == "The process that tests ended on this submission, twice."
    (remark,) = report.odd
    assert remark.startswith("ended the process that tests, twice: 0 points (it ended")
    assert notebook == before
    after = executor.run(SOURCE, RULES, student="bob", assignment="gates")
    assert points(after) == POINTS
    assert after.odd == []


def test_who_ends_it_once_is_tried_again(executor, tmp_path):
    test = f"""
import os, pathlib
if not pathlib.Path({str(tmp_path)!r}, "once").exists():
    pathlib.Path({str(tmp_path)!r}, "once").touch()
    os._exit(1)
assert f() == 1
"""
    report = executor.run(*task(test), **WHO)
    assert error(report) is None
    assert report.odd == []


def test_it_is_killed_from_outside_and_replaced(executor):
    executor.warm(RULES)
    worker = executor.worker
    killer = threading.Timer(0.05, os.kill, (worker.pid, signal.SIGKILL))
    killer.start()
    while executor.worker is worker:
        report = executor.run(SOURCE, RULES, student="ada", assignment="gates")
        assert points(report) == POINTS
    killer.join()


def test_memory_of_the_process_is_bounded(executor):
    report = executor.run(*task("x = bytearray(3 << 30)"), **WHO)
    assert error(report).ename == "MemoryError"
    # What a submission may use is not bounded by that.
    cells = "import numpy as np\nx = np.empty(350_000_000)\nf = lambda: 1"
    notebook, rules = task("assert f() == 1", Limits(memory=3 << 30))
    notebook.cells[0].source = cells
    assert error(executor.run(notebook, rules, **WHO)) is None


def test_what_comes_back_is_data(sandboxed):
    worker = Worker()
    assert worker.do("tests.grading.test_workers:give", ({"a": [1, b"x"]},), 60) == {"a": [1, b"x"]}
    with pytest.raises(FailedError, match="TypeError: a Trap cannot be passed"):
        worker.do("tests.grading.test_workers:trap", (), 60)
    with pytest.raises(FailedError, match="ZeroDivisionError"):
        worker.do("tests.grading.test_workers:fail", (), 60)
    with pytest.raises(SandboxError, match="none here"):
        worker.do("tests.grading.test_workers:refuse", (), 60)
    assert worker.do("tests.grading.test_workers:give", (1,), 60) == 1
    worker.close()


def give(examiner, value):
    return value


def trap(examiner):
    harm = {"__reduce__": lambda self: (os.abort, ())}  # when it is unpickled
    return [type("Trap", (), harm)()]


def fail(examiner):
    return 1 / 0


def refuse(examiner):
    raise SandboxError("none here")


def sleep(examiner, seconds):
    time.sleep(seconds)


def test_an_answer_that_does_not_come_is_not_waited_for(sandboxed):
    worker = Worker()
    with pytest.raises(Lost, match="no answer in 1 s"):
        worker.do("tests.grading.test_workers:sleep", (60,), 1)
    assert worker.process.wait(60) == -signal.SIGKILL


def test_it_ends_when_nobody_asks_any_more():
    worker = Worker()
    worker.sock.close()
    assert worker.process.wait(60) == 0


def dumpable(examiner):
    return ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)  # PR_GET_DUMPABLE


def test_no_other_process_of_this_user_reads_its_memory(sandboxed):
    worker = Worker()
    assert worker.do("tests.grading.test_workers:dumpable", (), 60) == 0
    worker.close()


def test_workers_of_a_nursery(sandboxed):
    nursery = Nursery()
    try:
        with Executor() as one, Executor() as other:
            for executor in (one, other):
                report = executor.run(SOURCE, RULES, student="ada", assignment="gates")
                assert points(report) == POINTS
                assert executor.worker.process is None  # not one of its own making
            os.kill(one.worker.pid, signal.SIGKILL)
            report = one.run(SOURCE, RULES, student="ada", assignment="gates")
            assert points(report) == POINTS
    finally:
        nursery.close()
    assert workers._nursery is None
