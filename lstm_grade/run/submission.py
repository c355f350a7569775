"""Grade one submission: bytes in, rows and bytes out; no gradebook, no shared folder."""

import difflib
import functools
import hashlib
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

from nbformat import NotebookNode, from_dict, reads
from nbgrader.utils import compute_checksum, determine_grade

from lstm_grade.box.rules import Rules
from lstm_grade.run import code
from lstm_grade.run.assignment import Assignment, Notebook, normal
from lstm_grade.run.choose import find_notebook
from lstm_grade.run.errors import NotGradedError
from lstm_grade.run.recognise import grade_id, with_name
from lstm_grade.run.restore import restore

NOTE = "lstm-grade-note"


@dataclass(frozen=True)
class Submission:
    """What a student handed in, as `lstm_grade.run.folder.read_folder` reads it."""

    student: str
    files: Mapping[str, bytes | None]


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
    texts : dict of str to dict of str to str
        By notebook and cell: a number that changes with what a person gives points for.
    odd : list of str
        Remarks for the instructor.
    waits : dict of str to str
        Cells that a person has to look at, as no test can, and why.
    late : bool
        Whether the wall clock ended something: then it should be graded again.
    bounds : str
        How its processes were bounded; "" if none ran.
    seconds : float
        How long it took.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    grades: dict[str, dict] = field(default_factory=dict)
    comments: dict[str, dict] = field(default_factory=dict)
    texts: dict[str, dict] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    waits: dict[str, str] = field(default_factory=dict)
    late: bool = False
    bounds: str = field(default="", compare=False)
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Executed:
    """A notebook with its outputs, remarks, whether the wall clock ended something, and bounds."""

    notebook: NotebookNode
    odd: list[str]
    late: bool = False
    bounds: str = ""


# Runs a restored notebook, given as a dict in nbformat 4, with the instructor's notebook
# and the files beside it.
Execute = Callable[[dict, bytes, Mapping[str, bytes]], Executed]


def answer(examiner, assignment: Assignment, submission: Submission) -> Graded:
    """Grade a submission where its tests run.

    Parameters
    ----------
    examiner
        Has `run`, as `lstm_grade.box.split.Executor` has.
    assignment : Assignment
    submission : Submission
    """

    def execute(notebook, source, files):
        report = examiner.run(
            from_dict(notebook),
            _rules(source, assignment.user),
            student=submission.student,
            assignment=assignment.name,
            secret=assignment.secret,
            files=tuple(files.items()),
        )
        return Executed(report.notebook, report.odd, report.starved, report.bounds)

    return grade(assignment, submission, execute)


@functools.cache
def _rules(source, user):
    return replace(Rules.of(reads(source.decode(), 4)), user=user)


def grade(assignment: Assignment, submission: Submission, execute: Execute) -> Graded:
    """Grade a submission.

    Raises
    ------
    NotGradedError
        If a test gives points that nbgrader does not take.
    """
    began = time.monotonic()
    graded = Graded()
    beside = {name: content for name, content in submission.files.items() if content is not None}
    beside = {name: beside[name] for name in beside if not _ignored(name, assignment.ignore)}
    beside |= assignment.files
    for name, original in assignment.notebooks.items():
        chosen = find_notebook(submission.files, name, assignment)
        odd = chosen.odd
        if chosen.found is None:
            waits = dict.fromkeys(original.graded, chosen.waits) if chosen.waits else {}
            executed = _unread(chosen, original)
            grades = {cell: (None, True) if waits else (0.0, False) for cell in original.graded}
            comments = {}
        else:
            more, waits = restore(chosen.found, original, assignment.known, chosen.damaged)
            run = execute(chosen.found.notebook, original.source, beside)
            executed = run.notebook
            odd = [*odd, *more, *run.odd, *_explain(executed, original, waits)]
            graded.late |= run.late
            graded.bounds = run.bounds
            grades, comments, remarks = marks(executed, original, waits)
            odd += remarks
            graded.comments[name] = comments
            _write_note(executed, odd, waits)
        graded.grades[name] = grades
        graded.texts[name] = _texts(executed, original, assignment.known)
        graded.files[f"{name}.ipynb"] = _dump(executed)
        graded.odd += odd
        graded.waits |= waits
    graded.odd = list(dict.fromkeys(graded.odd))
    graded.files |= beside
    graded.seconds = time.monotonic() - began
    return graded


def _ignored(path, patterns):
    return any(fnmatch(part, each) for part in path.split("/") for each in (*patterns, "*.ipynb"))


def marks(notebook, original: Notebook, waits: Mapping[str, str]):
    """Return the points and the comments of an executed notebook, as nbgrader gives them.

    Returns
    -------
    grades : dict of str to (float or None, bool)
        Points, and whether someone has to look at it.
    comments : dict of str to (str or None)
    odd : list of str
    """
    grades, comments, odd = {}, {}, []
    for cell in notebook.cells:
        name = grade_id(cell)
        if name is None:
            continue
        of = original.cells[name]
        if of.grade:
            points = _points(cell, name)
            if name in waits:
                points = None
            elif of.test and not _finite(cell):
                points = 0.0
                odd.append(f"{name} gave a number that is not finite: 0 points")
            grades[name] = (points, points is None)
        if of.task:
            comments[name] = None
        elif of.solution:
            unchanged = compute_checksum(cell) == of.metadata["checksum"]
            comments[name] = "No response." if unchanged and name not in waits else None
    return grades, comments, odd


def _points(cell, name):
    try:
        return determine_grade(cell)[0]
    except (ValueError, KeyError) as error:  # it is the test's fault
        most = cell.metadata.nbgrader.points
        raise NotGradedError(
            f"{name} has {most:g} points; its last line gave another: {error}"
        ) from error


def _finite(cell):
    """Whether a test's result is one: nbgrader gives all points for "nan"."""
    for output in cell.outputs:
        if output.output_type == "execute_result":
            try:
                return math.isfinite(float("".join(output["data"].get("text/plain", ""))))
            except ValueError:
                return True
    return True


def _explain(notebook, original, waits):
    """Say of a name that a test does not find what may have happened to it; return remarks."""
    written = [cell for cell in notebook.cells if cell.cell_type == "code"]
    written = [cell for cell in written if not _is_test(cell, original)]
    odd = []
    for cell in notebook.cells:
        asked = _is_test(cell, original) and grade_id(cell) not in waits
        for output in cell.get("outputs", ()) if asked else ():
            missing = re.fullmatch(r"name '(\w+)' is not defined", output.get("evalue", ""))
            if not missing or missing[1] not in original.exports:
                continue
            name = missing[1]
            there = {each for one in written for each in code.functions(one.source)}
            near = difflib.get_close_matches(name, sorted(there - set(original.exports)), 1)
            hint = f" There is {near[0]}." if near else ""
            said = f"no function named {name}; did you rename it?{hint}"
            output.evalue, output.traceback = said, [f"{output.ename}: {said}"]
            odd.append(said.rstrip("."))
    return odd


def _is_test(cell, original):
    name = grade_id(cell)
    return name is not None and original.cells[name].test


def _texts(notebook, original, known):
    """Return of each cell with points what its points are for, as a number.

    Of an answer that is its text; of a test all that the student wrote in code,
    which a test of an earlier release (`known`) is not.
    """
    cells = {grade_id(cell): cell for cell in notebook.cells}
    given = known | {normal(cell.source) for cell in original.cells.values()}
    wrote = [normal(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    wrote = [text for text in wrote if text not in given]
    texts = {}
    for name in original.graded:
        of = original.cells[name]
        if of.solution and name in cells:
            text = normal(cells[name].source)
        elif of.task:
            own = [cell.source for cell in notebook.cells if grade_id(cell) is None]
            text = "\0".join(map(normal, own))
        else:
            text = "\0".join(wrote)
        number = hashlib.sha256(f"{of.points}\0{text}".encode("utf-8", "replace"))
        texts[name] = number.hexdigest()
    return texts


def _write_note(notebook, odd, waits):
    """Say in the notebook what student and grader should know of it."""
    lines = [f"- {_plain(remark)}" for remark in dict.fromkeys(odd)]
    lines += [f"- {_plain(f'{name} waits for a person: {why}')}" for name, why in waits.items()]
    if lines:
        notebook.cells.insert(0, _note("\n".join(["About this notebook:", "", *lines])))


def _unread(chosen, original):
    """Return a notebook that says why none was graded, with a place for each mark."""
    end = "A person will look at it." if chosen.waits else "It gets 0 points."
    cells = [_note(_plain(f"{chosen.odd[-1]}. {end}"))]
    if chosen.waits:
        cells += map(from_dict, chosen.seen["cells"] if chosen.seen else ())
        for cell in cells:
            cell.metadata = {}
        cells += [from_dict(with_name(original, name)) for name in original.graded]
    for number, cell in enumerate(cells):
        cell.id = f"seen-{number}"
    cells[0].id = NOTE
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return from_dict(notebook)


def _note(text):
    return from_dict({"id": NOTE, "cell_type": "markdown", "metadata": {}, "source": text})


def _plain(text):
    """Return a line that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>$#|~])", r"\\\1", text)


def _dump(notebook):
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def lost(assignment: Assignment, why: str) -> Graded:
    """Return the marks of a submission that has ended the process that grades twice: none."""
    graded = Graded(odd=[f"it ended the process that grades, twice: 0 points ({why})"])
    for name, original in assignment.notebooks.items():
        graded.grades[name] = dict.fromkeys(original.graded, (0.0, False))
        note = _note(
            _plain(f"{name}.ipynb ended the process that grades it, twice. It gets 0 points.")
        )
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [note]}
        graded.texts[name] = _texts(from_dict(notebook), original, assignment.known)
        graded.files[f"{name}.ipynb"] = _dump(notebook)
    return graded
