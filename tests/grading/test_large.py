"""A large class, a tenth of it hostile: all are accounted for, nobody gains, memory is bounded."""

import itertools
import json

import nbformat
import pytest

from benchmarks.grading import run
from lstm_grade.box.rules import Limits
from tests.grading.conftest import POINTS
from tests.grading.hostile import CHEATS, RUINOUS

# Less than what students get: many of these wait for the end of their time.
LIMITS = {"cpu": 10, "cell": 8, "call": 2, "notebook": 30, "scratch": 8 << 20}
FULL = {f"test_{name}": points for name, points in POINTS.items()} | {"answer": None}
NOTHING = {**FULL, "test_forget_gate": 0}


def hand_in(course, students, cases):
    """Let every tenth student be hostile; return what the others must get, and the hostile."""
    course.limit(**LIMITS)
    honest, hostile = {}, {}
    cases = itertools.cycle(cases.items())
    for number in range(students):
        student = f"student{number:04}"
        if number % 10 == 3:
            hostile[student], cell = next(cases)
            path = course.submit(student)
            notebook = nbformat.read(path, 4)
            for each in notebook.cells:
                if each.id == "forget_gate":
                    each.source = cell
            nbformat.write(notebook, path)
        elif number % 4:
            course.submit(student)
            honest[student] = FULL
        else:
            course.submit(student, {"forget_gate": "return hx"})
            honest[student] = NOTHING
    return honest, hostile


def contents(course):
    folders = [course.path / "submitted", course.path / "solutions"]
    return {path: path.read_bytes() for each in folders for path in each.rglob("*.ipynb")}


def check(course, students, cases):
    honest, hostile = hand_in(course, students, cases)
    before = contents(course)
    cost = run(course.path, "lstm_grade", "autograde", "gates")
    scores = course.scores()
    assert {student: scores.pop(student) for student in honest} == honest
    assert scores.keys() == hostile.keys()
    for student, case in hostile.items():
        assert scores[student]["test_forget_gate"] == 0, case
        if case in CHEATS:
            assert scores[student] == NOTHING, case
        path = course.path / "autograded" / student / "gates" / "gates.ipynb"
        nbformat.validate(json.loads(path.read_text()))
    assert contents(course) == before
    said = (course.path / "log").read_text()
    assert f"{students} of {students} graded" in said
    return cost


def test_a_tenth_is_hostile(new_course, sandboxed):
    cases = {name: CHEATS[name] for name in ["right once", "_exit"]}
    check(new_course(), 20, cases)


@pytest.mark.long
def test_a_thousand_submissions_a_tenth_of_them_hostile(new_course, sandboxed, capsys):
    few = run_of(new_course(), 100)
    cost = check(new_course(), 1000, {**CHEATS, **RUINOUS})
    with capsys.disabled():
        print(
            f"\n1,000 submissions, 100 of them hostile: {cost.wall:.0f} s, "
            f"{cost.cpu:.0f} s of CPU time, at most {cost.memory:.0f} MB "
            f"(100 honest ones: {few.memory:.0f} MB)"
        )
    # A hostile submission may use what its limits allow, one on each core of two.
    assert cost.memory < few.memory + 2 * Limits().memory / 2**20 + 300


def run_of(course, students):
    """Return what it costs to grade so many honest students."""
    for number in range(students):
        course.submit(f"student{number:04}")
    return run(course.path, "lstm_grade", "autograde", "gates")
