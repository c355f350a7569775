"""Submissions of `gates` for the executor, and the executor."""

import dataclasses
import functools
import os

import nbformat
import pytest

import notebooks
from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.split import Executor, SandboxError
from lstm_grade.run.assignment import read_assignment
from lstm_grade.run.course import open_course
from lstm_grade.run.submission import Submission, answer

SOURCE = notebooks.read("gates")
POINTS = {name.removeprefix("test_"): n for name, n in notebooks.points("gates").items()}
LIMITS = Limits(memory=1 << 30, cpu=10, cell=8, call=4, scratch=8 << 20, output=100_000)
RULES = dataclasses.replace(Rules.of(SOURCE), limits=LIMITS)


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
