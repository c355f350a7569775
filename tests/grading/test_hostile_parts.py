"""Wrong functions gain nothing from each other, and a whole submission has its bounds."""

import dataclasses

import nbformat
import pytest
from nbformat import v4

import notebooks
from lstm_grade.box.rules import Limits, Rules
from tests.grading.conftest import LIMITS, POINTS, RULES, points, shown
from tests.grading.hostile_parts import PARTS


@pytest.mark.parametrize("name", PARTS)
def test_functions_gain_nothing_from_each_other(executor, name):
    slug, cells, keep = PARTS[name]
    notebook = nbformat.from_dict(notebooks.read(slug))
    rules = dataclasses.replace(
        Rules.of(notebook), limits=dataclasses.replace(LIMITS, cell=2, patience=3)
    )
    for cell in notebook.cells:
        cell.source = cells.get(cell.id, cell.source)
    report = executor.run(notebook, rules, student="ada", assignment=slug, secret=b"secret")
    got = {
        cell.id
        for cell in report.notebook.cells
        if cell.id in rules.tests and not any(o.output_type == "error" for o in cell.outputs)
    }
    kept = {test for test in rules.tests if any(test.startswith(f"test_{each}") for each in keep)}
    assert got == kept, {test: shown(report, test) for test in got ^ kept}


def test_a_right_part_is_no_oracle_for_a_test_that_comes_later(executor):
    """The student puts the test of the caller first, and keeps what stood in."""
    _, cells, _ = PARTS["the right part kept for later"]
    notebook = nbformat.from_dict(notebooks.read("cell"))
    rules = dataclasses.replace(Rules.of(notebook), limits=LIMITS)
    for cell in notebook.cells:
        cell.source = cells.get(cell.id, cell.source)
    later = [cell for cell in notebook.cells if cell.id == "test_lstm_cell"]
    notebook.cells = [cell for cell in notebook.cells if cell not in later] + later
    report = executor.run(notebook, rules, student="ada", assignment="cell", secret=b"secret")
    assert report.notebook.cells[-1].outputs[-1].output_type == "error"


def flood(source, count):
    """Return a function that puts so many cells in front of all others."""

    def change(notebook):
        cells = [v4.new_code_cell(source, id=f"flood{number}") for number in range(count)]
        notebook.cells[:0] = cells

    return change


FLOODS = {
    "talk": (flood("print('x' * 1_000_000)", 300), "shows more than fits into a notebook: cut"),
    "errors": (flood("raise ValueError('x' * 2000)", 300), None),
    "figures": (
        flood("import matplotlib.pyplot as plt\nplt.imshow([[0, 1]] * 9)\nplt.show()", 20),
        "shows more than fits into a notebook: cut",
    ),
    "empty cells": (
        flood("", 3000),
        "has more than 1,000 cells: the others were not run",
    ),
    "ends of the process": (
        flood("import os\nos._exit(0)", 99),
        "took more than 50 starts in all: nothing more was asked of it",
    ),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_whole_submission_has_its_bounds(run, name):
    change, odd = FLOODS[name]
    limits = dataclasses.replace(LIMITS, output=1 << 20, outputs=1 << 20, images=30_000)
    report = run(change=change, rules=dataclasses.replace(RULES, limits=limits))
    assert len(nbformat.writes(report.notebook)) < 4_000_000
    assert nbformat.validate(report.notebook) is None
    assert odd is None or odd in report.odd
    assert report.seconds < 60
    # What fits within the bounds keeps its points.
    expected = dict.fromkeys(POINTS, 0) if odd and ("not run" in odd or "starts" in odd) else POINTS
    assert points(report) == expected


def test_after_the_end_every_question_is_answered_at_once(run):
    limits = dataclasses.replace(LIMITS, cell=1, notebook=2, patience=1.5)
    sleeps = "import time\ntime.sleep(60)"
    report = run(change=flood(sleeps, 500), rules=dataclasses.replace(RULES, limits=limits))
    assert report.seconds < 10
    assert points(report) == dict.fromkeys(POINTS, 0)
    assert "the time for the whole notebook was up" in report.odd
    assert "The notebook took more than 2 s in all." in shown(report, "flood400")


def test_functions_that_never_end_cost_the_others_nothing(run):
    """Each takes the time of one call, however often its test would have asked it."""
    limits = dataclasses.replace(LIMITS, cell=1, call=1, notebook=8)
    loops = ("forget_gate", "input_gate", "candidate")
    cells = {name: f"def {name}(*args):\n    while True:\n        pass\n" for name in loops}
    report = run(cells, rules=dataclasses.replace(RULES, limits=limits))
    assert points(report) == POINTS | dict.fromkeys(loops, 0)
    assert "It took more than 1 s." in shown(report, "test_candidate")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"answers": 30}, "more than 30 answers in all"),
        ({"bytes": 30_000}, "more than 30,000 bytes in all"),
        ({"values": 10}, "more than 10 values in all"),
    ],
)
def test_answers_have_a_budget(run, limits, said):
    rules = dataclasses.replace(RULES, limits=dataclasses.replace(LIMITS, **limits))
    report = run(rules=rules)
    assert report.odd == [f"took {said}: nothing more was asked of it"]
    assert points(report)["hidden_state"] == 0


def test_the_usual_budgets_are_far_from_what_a_submission_needs(run):
    usual = Limits()
    tenth = dataclasses.replace(
        usual,
        **{name: getattr(usual, name) // 10 for name in ("answers", "bytes", "values", "keys")},
        **{name: getattr(usual, name) // 10 for name in ("cells", "outputs", "images", "starts")},
    )
    report = run(rules=dataclasses.replace(RULES, limits=tenth))
    assert points(report) == POINTS
    assert report.odd == []
