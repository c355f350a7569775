"""What happens in the middle of a term: due dates, extensions, and a mark that is appealed."""

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Student

from lstm_grade.run import extensions
from lstm_grade.run.assignment import Assignment, find_source
from lstm_grade.run.classrun import UNREAD, find_folders, only_one_run
from lstm_grade.run.collect.place import bad_folder
from lstm_grade.run.course import open_course, read_secret
from lstm_grade.run.errors import CannotGradeError, NotGradedError
from lstm_grade.run.folder import read_folder, shown
from lstm_grade.run.gradebook import Writer
from lstm_grade.run.registered import opened, register
from lstm_grade.run.submission import Submission
from lstm_grade.run.times import TimeError, parse
from lstm_grade.run.worker import alone


def due(assignment: str, time: str, *, db_url: str | None = None) -> str:
    """Say when an assignment is due; return what was understood.

    Raises
    ------
    CannotGradeError
        If the time could mean another one, or there is no such assignment.
    """
    app = open_course(db_url)
    find_source(app.coursedir, assignment)
    when = _parse(time)
    with opened(app.coursedir) as gradebook:
        gradebook.update_or_create_assignment(assignment, duedate=when.replace(tzinfo=None))
    return f"{assignment} is due {_told(when)}.{_applied(app, assignment)}"


def extend(
    assignment: str, student: str, until: str, *, reason: str = "", db_url: str | None = None
) -> str:
    """Give a student more time, before or after the work is handed in; return what was understood.

    Raises
    ------
    CannotGradeError
        If the time could mean another one, there is no such assignment, or the file cannot be read.
    """
    app = open_course(db_url)
    find_source(app.coursedir, assignment)
    _parse(until)
    if why := bad_folder(student):
        raise CannotGradeError(f"{why}. Say a student as the folder in submitted/ is called.")
    when = extensions.add(Path(app.coursedir.root), assignment, student, until, reason)
    said = f"{shown(student)} has time for {assignment} until {_told(when)}: {extensions.FILE}."
    if not _is_known(app, assignment, student):
        said += (
            f"\n{shown(student)} is not in the gradebook, and has handed in nothing: "
            "is the name right?"
        )
    return said + _applied(app, assignment)


def _is_known(app, assignment, student) -> bool:
    folder = app.coursedir.format_path(app.coursedir.submitted_directory, student, assignment)
    with opened(app.coursedir) as gradebook:
        there = gradebook.db.get(Student, student) is not None
    return there or Path(folder).exists()


def _parse(text):
    try:
        return parse(text)
    except TimeError as error:
        raise CannotGradeError(f"{error}.") from error


def _told(when: datetime) -> str:
    here = when.astimezone()
    local = "" if here.utcoffset() == when.utcoffset() else f" ({here:%Y-%m-%d %H:%M %Z} here)"
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC{local}"


def _applied(app, assignment) -> str:
    """Work out again what is taken off for lateness, and return who it concerns."""
    with opened(app.coursedir) as gradebook:
        rows = gradebook.db.query(AssignmentRow).filter(AssignmentRow.name == assignment)
        if not any(row.submissions for row in rows):
            return ""
    until = extensions.read(Path(app.coursedir.root))
    with closing(Writer(app, assignment)) as writer:
        before = writer.points()
        writer.late({who: when for (name, who), when in until.items() if name == assignment})
        after = writer.points()
    changed = [f"{shown(who)}: {after[who]}" for who in after if after[who] != before[who]]
    return "".join(f"\n{each}" for each in changed)


def regrade(
    assignment: str,
    *,
    student: str,
    test: str,
    reason: str,
    points: float | None = None,
    db_url: str | None = None,
    unsafe: bool = False,
) -> str:
    """Grade one test of one student again, or give its points, and keep the reason.

    All other marks stay as they are. The reason is in the student's feedback.

    Parameters
    ----------
    assignment, student : str
    test : str
        The cell's grade_id.
    reason : str
    points : float, optional
        What it is worth after all; worked out anew unless given.
    db_url : str, optional
        The gradebook.
    unsafe : bool
        Run student code without a sandbox.

    Returns
    -------
    str
        What has changed.

    Raises
    ------
    CannotGradeError
        If there is no such student or test, or it cannot be graded.
    """
    if not reason.strip():
        raise CannotGradeError("a mark is not changed without a reason: --reason '…'")
    app = open_course(db_url)
    folder = find_folders(app.coursedir, assignment, (student,))[student]
    secret, always_unsafe = read_secret(app)
    told, _ = register(app, assignment, secret)
    notebook = _notebook_of(told, test)
    most = told.notebooks[notebook].cells[test].points or 0.0
    if points is not None and not 0 <= points <= most:
        raise CannotGradeError(f"{test} has at most {most:g} points, not {points:g}.")
    try:
        with only_one_run(app.coursedir), closing(Writer(app, assignment)) as writer:
            writer.refresh()
            if student not in writer.points():
                raise CannotGradeError(
                    f"{shown(student)} has no marks in {assignment} yet. Grade first: "
                    f"python -m lstm_grade autograde {assignment} --student {student}"
                )
            if points is None:
                graded = _graded(told, folder, student, unsafe or always_unsafe)
                before, after = writer.regrade(student, notebook, test, graded, reason)
                _show(app, told, student, notebook, test, graded)
            else:
                before, after = writer.give(student, notebook, test, points, reason)
    except NotGradedError as error:
        raise CannotGradeError(f"{shown(student)}: {error}.") from error
    return f"{shown(student)}, {test}: {_points(before)} before, {_points(after)} now. {reason}"


def _points(points):
    return "waiting" if points is None else f"{points:g}"


def _notebook_of(told: Assignment, test: str) -> str:
    for name, notebook in told.notebooks.items():
        if test in notebook.graded:
            return name
    there = ", ".join(name for each in told.notebooks.values() for name in each.graded)
    raise CannotGradeError(f"{told.name} has no points for {test!r}. It has: {there}.")


def _graded(told: Assignment, folder: Path, student: str, unsafe: bool):
    files, _ = read_folder(folder, UNREAD)
    return alone(told, Submission(student, files), unsafe)


def _show(app, told, student, notebook, test, graded) -> None:
    """Put what the test said into the graded notebook; the other cells stay as they were."""
    directory = app.coursedir.autograded_directory
    path = Path(app.coursedir.format_path(directory, student, told.name), f"{notebook}.ipynb")
    try:
        old = json.loads(path.read_text("utf-8"))
        new = json.loads(graded.files[f"{notebook}.ipynb"])
        (cell,) = [each for each in new["cells"] if _is(each, test)]
        old["cells"] = [cell if _is(each, test) else each for each in old["cells"]]
    except (OSError, ValueError, KeyError):
        return  # the next run writes all of it
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(json.dumps(old, indent=1, ensure_ascii=False) + "\n", "utf-8")
    beside.chmod(path.stat().st_mode)
    os.replace(beside, path)


def _is(cell, test):
    return cell["metadata"].get("nbgrader", {}).get("grade_id") == test
