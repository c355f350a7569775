"""Grade one submission: bytes in, rows and bytes out; no gradebook, no shared folder.

What nbgrader does to a submission is done here without it: nbgrader asks its
gradebook in between, and takes as long to import as twenty submissions to
grade. tests/grading/test_gradebook.py compares the two.
"""

import hashlib
import json
import time
from dataclasses import dataclass, field
from fnmatch import fnmatch

from lstm_grade.run.repair import find_notebook, grade_id, shown


@dataclass(frozen=True)
class Cell:
    """A cell as nbgrader's gradebook knows it.

    Attributes
    ----------
    cell_type, source, checksum : str
    released : str
        The source that students got: without hidden tests.
    grade, solution, locked, task : bool
        nbgrader's metadata.
    points : float or None
        None if the cell gives none.
    """

    cell_type: str
    source: str
    released: str
    checksum: str
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float | None

    def metadata(self, name):
        """Return the cell's metadata for nbgrader, as in a released notebook."""
        metadata = {
            "schema_version": 3,
            "grade_id": name,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        return metadata if self.points is None else metadata | {"points": self.points}


@dataclass(frozen=True)
class Notebook:
    """A notebook of an assignment.

    Attributes
    ----------
    source : bytes
        The instructor's notebook, of solutions/.
    kernelspec : dict
    cells : dict of str to Cell
        By grade_id.
    """

    source: bytes
    kernelspec: dict
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Assignment:
    """What a worker needs to know to grade a submission.

    Attributes
    ----------
    name : str
    notebooks : dict of str to Notebook
        By name, without suffix.
    files : dict of str to bytes
        What lies beside the notebooks in solutions/ and goes to students; it
        replaces what they handed in under these names.
    seconds : float
        How long a submission may take.
    ignore : tuple of str
        Patterns of names that nbgrader does not copy.
    secret : bytes or None
        Seeds the tests, for each student differently.
    """

    name: str
    notebooks: dict[str, Notebook]
    files: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 120
    ignore: tuple[str, ...] = ()
    secret: bytes | None = None


@dataclass(frozen=True)
class Submission:
    """What a student handed in, as `lstm_grade.run.repair.read_folder` reads it."""

    student: str
    files: dict[str, bytes | None]


@dataclass
class Graded:
    """A graded submission.

    Attributes
    ----------
    files : dict of str to bytes
        What belongs into ``autograded/<student>/<assignment>``.
    grades : dict of str to dict of str to (float or None, bool)
        By notebook and cell: the points, None if they are not for a machine
        to give, and whether someone has to look at it.
    comments : dict of str to dict of str to (str or None)
        By notebook and cell. A notebook that is missing has none.
    odd : list of str
        Remarks for the instructor.
    seconds : float
        How long it took.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    grades: dict[str, dict] = field(default_factory=dict)
    comments: dict[str, dict] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    seconds: float = field(default=0.0, compare=False)


def grade(assignment, submission, execute):
    """Grade a submission.

    Parameters
    ----------
    assignment : Assignment
    submission : Submission
    execute : callable
        ``execute(notebook, source, files)`` runs a restored notebook, given as
        a dict in nbformat 4, with the instructor's notebook (bytes) and the
        files beside it (dict of str to bytes). It returns the notebook with
        its outputs, and a list of remarks.

    Returns
    -------
    Graded
    """
    began = time.monotonic()
    graded = Graded()
    beside = {name: content for name, content in submission.files.items() if content is not None}
    beside = {name: beside[name] for name in beside if not _ignored(name, assignment.ignore)}
    beside |= assignment.files
    for name, notebook in assignment.notebooks.items():
        filename = f"{name}.ipynb"
        found, odd = find_notebook(submission.files, filename, notebook.cells)
        if found is None:
            graded.grades[name] = {
                cell: (0.0, False) for cell in notebook.cells if _graded(notebook, cell)
            }
            executed = _note(f"{odd[-1]}. It gets 0 points.")
        else:
            odd += restore(found, notebook)
            executed, remarks = execute(found, notebook.source, beside)
            odd += remarks
            graded.grades[name], graded.comments[name] = marks(executed, notebook)
        graded.files[filename] = _dump(executed)
        graded.odd += odd
    graded.files |= beside
    graded.seconds = time.monotonic() - began
    return graded


def _ignored(path, patterns):
    return any(fnmatch(part, each) for part in path.split("/") for each in (*patterns, "*.ipynb"))


def restore(notebook, original):
    """Put back in place what a student must not change.

    Parameters
    ----------
    notebook : dict
        As `lstm_grade.run.repair.read_notebook` returns it. It is changed.
    original : Notebook

    Returns
    -------
    list of str
        What was found changed.
    """
    odd, seen = [], set()
    for cell in reversed(notebook["cells"]):
        name = grade_id(cell)
        if name is None:
            continue
        if name in seen or name not in original.cells:
            del cell["metadata"]["nbgrader"]
            why = "was copied: the last counts" if name in seen else "is not of this assignment"
            odd.append(f"cell {shown(name)} {why}")
            continue
        seen.add(name)
        odd += _restore_cell(cell, name, original.cells[name])
    missing = [name for name in original.cells if name not in seen]
    if len(missing) == len(original.cells):
        odd.append("no cell of this assignment is left: 0 points")
    else:
        for name in missing:
            points = ": 0 points" if _graded(original, name) else ""
            odd.append(f"cell {name} is missing{points}")
    notebook["metadata"] = {"kernelspec": original.kernelspec} if original.kernelspec else {}
    return list(dict.fromkeys(odd))


def _restore_cell(cell, name, original):
    odd = []
    if cell["cell_type"] != original.cell_type:
        odd.append(f"cell {name} was made {cell['cell_type']}: restored")
        cell["cell_type"] = original.cell_type
        cell.pop("outputs", None), cell.pop("execution_count", None), cell.pop("attachments", None)
        if original.cell_type == "code":
            cell |= {"outputs": [], "execution_count": None}
    if original.locked:
        if _lines(cell["source"]) not in (_lines(original.released), _lines(original.source)):
            odd.append(f"cell {name} was changed: restored")
        cell["source"] = original.source
    cell["metadata"]["nbgrader"] = original.metadata(name)
    return odd


def _lines(source):
    return [line.rstrip() for line in source.rstrip().splitlines()]


def _graded(notebook, name):
    return notebook.cells[name].grade or notebook.cells[name].task


def marks(notebook, original):
    """Return the points and the comments of an executed notebook.

    They are those of nbgrader, except that stderr costs no points, and that a
    cell which was deleted gets 0 instead of waiting for the instructor.

    Returns
    -------
    grades : dict of str to (float or None, bool)
        Points, and whether someone has to look at it.
    comments : dict of str to (str or None)
    """
    missing = {name for name in original.cells if original.cells[name].grade}
    grades, comments = {}, {}
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name is None:
            continue
        unchanged = checksum(cell) == original.cells[name].checksum
        if original.cells[name].grade:
            missing.discard(name)
            points = _points(cell, original.cells[name], unchanged)
            grades[name] = (points, points is None)
        if original.cells[name].task:
            comments[name] = None
        elif original.cells[name].solution:
            comments[name] = "No response." if unchanged else None
    return grades | {name: (0.0, False) for name in missing}, comments


def _points(cell, original, unchanged):
    if original.solution:
        return 0.0 if unchanged else None
    if original.cell_type != "code":
        return None
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            return 0.0
        if output["output_type"] == "execute_result":
            return _partial(output["data"].get("text/plain", ""), original.points)
    return original.points


def _partial(text, points):
    """Return the points that a test's last line says, if it is a number."""
    try:
        partial = float("".join(text))
    except ValueError:
        return points
    if partial > points:
        raise ValueError(f"a test returned {partial:g}, but its most is {points:g}")
    return partial if partial >= 0 else points


def checksum(cell):
    """Return nbgrader's checksum of a cell, which tells whether it was changed."""
    of = cell["metadata"]["nbgrader"]
    locked = not of["solution"] and (of["grade"] or of["locked"])
    parts = [cell["source"], cell["cell_type"], of["grade"], of["solution"], locked, of["grade_id"]]
    if of["grade"]:
        parts.append(float(of["points"]))
    return hashlib.md5("".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def _note(text):
    """Return a notebook that says why there is none."""
    cell = {"id": "not-graded", "cell_type": "markdown", "metadata": {}, "source": text}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}


def _dump(notebook):
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
