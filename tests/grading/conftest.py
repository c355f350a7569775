"""Submissions of `gates` for the executor, and the executor."""

import concurrent.futures
import dataclasses
import functools
import os

import nbformat
import pytest
from nbformat import v4

import notebooks
from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.split import Executor, SandboxError
from lstm_grade.run.assignment import read_assignment
from lstm_grade.run.classrun import find_folders, grade_class
from lstm_grade.run.course import open_course
from lstm_grade.run.pools import Pool
from lstm_grade.run.submission import Submission, answer

SOURCE = notebooks.read("gates")
POINTS = {name.removeprefix("test_"): n for name, n in notebooks.points("gates").items()}
LIMITS = Limits(cpu=10, cell=8, call=2, scratch=8 << 20, output=100_000, images=600_000)
RULES = dataclasses.replace(Rules.of(SOURCE), limits=LIMITS)
# For those that wait for the end of their time, in each cell and call.
HURRIED = dataclasses.replace(LIMITS, cell=2, call=1, patience=3)


@pytest.fixture(scope="session")
def sandboxed(lacking):
    """Make sure that there is a sandbox: without one these tests fail in CI."""
    try:
        with Executor() as executor:
            executor.warm(RULES)
    except SandboxError as error:
        lacking(str(error))


@pytest.fixture(scope="module")
def executor(sandboxed):
    with Executor() as executor:
        yield executor


@pytest.fixture(scope="session")
def assignments():
    """Return a function that reads an assignment of solutions/ as grading does."""
    before = os.getcwd()

    @functools.cache
    def read(name):
        os.chdir(notebooks.ROOT)
        try:
            return read_assignment(open_course(), name, b"secret")
        finally:
            os.chdir(before)

    return read


@pytest.fixture
def grade(executor, assignments):
    """Grade what a student handed in, a notebook or files by name, without a gradebook."""

    def grade(handed_in, name="gates"):
        if not isinstance(handed_in, dict) or "cells" in handed_in:
            handed_in = {f"{name}.ipynb": nbformat.writes(nbformat.from_dict(handed_in)).encode()}
        submission = Submission("ada", handed_in)
        return answer(executor, assignments(name), submission)

    return grade


class Inline(concurrent.futures.Executor):
    """Grades in this process, one after the other; `happens` can come in between."""

    def __init__(self, executor):
        self.executor = executor
        self.happens = {}

    def submit(self, function, assignment, submission, unsafe):
        """Grade a submission; what is to happen to its student happens first."""
        future = concurrent.futures.Future()
        events = self.happens.get(submission.student, [])
        event = events.pop(0) if events else None
        if isinstance(event, Exception):
            future.set_exception(event)
            return future
        graded = answer(self.executor, assignment, submission)
        future.set_result(event(graded) if event else graded)
        return future


class Here:
    """A course in whose folder this process is; what a run says is kept in `said`."""

    def __init__(self, course, executor):
        self.course, self.path, self.submit = course, course.path, course.submit
        self.inline = Inline(executor)
        self.said = ""

    def grade(self, *students, name="gates", **options):
        """Grade a class as every command does; return whether everyone was graded."""
        app = open_course()
        folders = find_folders(app.coursedir, name, students)
        run = grade_class(app, name, folders, Pool(self.inline, lambda: 1), **options)
        self.said = "\n".join(run.lines)
        return not run.failed

    def line(self, student):
        """Return what was said of a student."""
        lines = self.said.split("\n\n")[0].splitlines()
        (line,) = [line for line in lines if line.partition("  ")[0] == student]
        return line.partition("  ")[2].strip()


@pytest.fixture
def here(new_course, executor, monkeypatch):
    """Return a course of its own, graded in this process."""
    course = new_course()
    monkeypatch.chdir(course.path)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(course.path))
    return Here(course, executor)


@pytest.fixture
def run(executor):
    """Execute right answers, but for these cells by id; return the report."""

    def run(cells=None, rules=RULES, change=None, **options):
        notebook = nbformat.from_dict(SOURCE)
        for cell in notebook.cells:
            cell.source = (cells or {}).get(cell.id, cell.source)
        if change:
            change(notebook)
        options = {"student": "ada", "assignment": "gates", **options}
        return executor.run(notebook, rules, **options)

    return run


def points(report):
    """Return the points by function, as nbgrader counts them."""
    found = {}
    for cell in report.notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("test_")
        if cell.id == f"test_{name}":
            failed = any(
                output.output_type == "error" or output.get("name") == "stderr"
                for output in cell.outputs
            )
            found[name] = 0 if failed else POINTS[name]
    return found


def outputs(report, cell_id):
    """Return the outputs of a cell."""
    return next(cell.outputs for cell in report.notebook.cells if cell.id == cell_id)


def shown(report, cell_id):
    """Return all text that a cell shows."""
    texts = []
    for output in outputs(report, cell_id):
        texts += [output.get("text", ""), *output.get("traceback", [])]
        texts.append(output.get("data", {}).get("text/plain", ""))
    return "\n".join(filter(None, texts))


@pytest.fixture
def execute(executor):
    """Execute cells and tests: ``execute(cells, tests, exports)``; tests by name."""

    def execute(cells, tests=(), exports=("f",), limits=LIMITS, **options):
        notebook = v4.new_notebook()
        for number, source in enumerate([cells] if isinstance(cells, str) else cells):
            notebook.cells.append(v4.new_code_cell(source, id=f"cell{number}"))
        for name, source in dict(tests).items():
            cell = v4.new_code_cell(source, id=name)
            cell.metadata["nbgrader"] = {
                **{"grade_id": name, "grade": True, "solution": False, "locked": True},
                **{"points": 1, "schema_version": 3, "task": False, "cell_type": "code"},
            }
            notebook.cells.append(cell)
        notebook.metadata["lstm_grade"] = {"exports": list(exports)}
        rules = dataclasses.replace(Rules.of(notebook), limits=limits, preload=("numpy",))
        options = {"student": "ada", "assignment": "a", **options}
        return executor.run(notebook, rules, **options)

    return execute


def error(report, cell_id="t"):
    """Return the error that a cell ends with, or None."""
    last = outputs(report, cell_id)[-1:]
    return last[0] if last and last[0].output_type == "error" else None
