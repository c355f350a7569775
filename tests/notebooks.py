"""Run an assignment's checks, as its notebook has them, on other functions."""

import functools
import re
from pathlib import Path

import nbformat

from lstm_check import CheckError

ROOT = Path(__file__).resolve().parents[1]


@functools.cache
def read(slug):
    """Return an assignment's source notebook."""
    return nbformat.read(ROOT / "solutions" / slug / f"{slug}.ipynb", 4)


def exports(slug):
    """Return the names of the functions that students write."""
    return read(slug).metadata.lstm_grade.exports


def points(slug):
    """Return the points of the cells that are graded by a test, by id."""
    graded = [cell for cell in read(slug).cells if cell.cell_type == "code"]
    graded = [cell for cell in graded if cell.metadata.get("nbgrader", {}).get("grade")]
    return {cell.id: cell.metadata.nbgrader.points for cell in graded}


def tested(slug):
    """Return the code up to the last test: what one sees then is none, and may train a network."""
    codes = [cell for cell in read(slug).cells if cell.cell_type == "code"]
    while not codes[-1].metadata.get("nbgrader", {}).get("grade"):
        codes.pop()
    return codes


@functools.cache
def cells(slug):
    """Return the cells that define something for a test, and the test cells by id, compiled."""
    given, tests = [], {}
    for cell in tested(slug):
        if re.search("^(def|import|from) ", cell.source, re.MULTILINE):
            code = compile(cell.source, f"{slug}/{cell.id}", "exec")
            if cell.metadata.get("nbgrader", {}).get("grade"):
                tests[cell.id] = code
            else:
                given.append(code)
    return given, tests


def run(slug, functions, start=""):
    """Run the test cells with the solution's functions, except for `functions`.

    Parameters
    ----------
    slug : str
        The assignment.
    functions : dict of callable
        What takes the place of the solution's functions, by name.
    start : str
        How the ids of the test cells start that are run.

    Returns
    -------
    dict
        By cell id: the `CheckError`, or None where all is right.
    """
    given, tests = cells(slug)
    namespace = {"__name__": "__main__"}
    for code in given:
        exec(code, namespace)
    # A partial is not looked into: what these functions import is no mistake.
    namespace |= {name: functools.partial(function) for name, function in functions.items()}
    results = {}
    for cell_id, code in tests.items():
        if cell_id.startswith(start):
            try:
                exec(code, namespace)
                results[cell_id] = None
            except CheckError as error:
                results[cell_id] = error
    return results


def work(cells=None):
    """Return a right submission, but for these cells."""
    notebook = nbformat.read(ROOT / "exercises/gates/gates.ipynb", 4)
    right = {c.id: c.source for c in nbformat.read(ROOT / "solutions/gates/gates.ipynb", 4).cells}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = (cells or {}).get(cell.id, right[cell.id])
    return nbformat.writes(notebook)
