"""Grade every submission of an assignment, each by itself.

nbgrader grades a class in one go: what it cannot read is skipped, or stops
everyone. Here each submission gets its own run of nbgrader's converter, and
its own line.
"""

import glob
import json
import logging
import tempfile
from collections import Counter
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.utils import temp_attrs


class CannotGradeError(Exception):
    """Why nothing at all, or one submission, cannot be graded."""


def autograde(assignment, force=False):
    """Grade an assignment and print one line a student.

    The tests are those of solutions/ as it is now. What was graded before is
    graded again only if the submission or the solution is newer.

    Parameters
    ----------
    assignment : str
        Name of a folder in solutions/.
    force : bool
        Grade again in any case.

    Returns
    -------
    bool
        Whether everyone was graded.

    Raises
    ------
    CannotGradeError
        If there is no such assignment or no submission, or nbgrader does not
        take the assignment.
    """
    app, log = _start_nbgrader()
    notebooks = _source_notebooks(app.coursedir, assignment)
    students = _students(app.coursedir, assignment)
    _register(app, log, assignment)

    width = max(map(len, students))
    failed = 0
    for student in students:
        try:
            line = _grade(app, log, assignment, student, notebooks, force)
        except CannotGradeError as error:
            failed += 1
            line = f"not graded: {error}"
        print(f"{student:{width}}  {line}", flush=True)
    print(f"{assignment}: {len(students) - failed} of {len(students)} graded.")
    return not failed


def _start_nbgrader():
    """Return nbgrader with the configuration of this folder, and the list it logs into."""
    if not Path("nbgrader_config.py").exists():
        raise CannotGradeError("there is no nbgrader_config.py here; go to the course's root.")
    app = NbGrader()
    app.initialize([])
    log = _Log()
    app.log.handlers = [log]
    app.log.propagate = False
    return app, log


class _Log(logging.Handler):
    """Keeps the errors nbgrader logs: its exceptions only point to them."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.errors = []

    def emit(self, record):
        self.errors.append(record.getMessage())

    def reason(self, exception):
        """Return one line: the last of the traceback, or else what was raised."""
        tracebacks = [error for error in self.errors if error.startswith("Traceback")]
        return (tracebacks or [str(exception)])[0].strip().splitlines()[-1]


def _convert(log, converter):
    """Run one of nbgrader's converters and raise the reason if it fails."""
    log.errors.clear()
    try:
        converter.start()
    except Exception as error:
        raise CannotGradeError(log.reason(error)) from error


def _source_notebooks(coursedir, assignment):
    source = Path(coursedir.format_path(coursedir.source_directory, ".", "."))
    notebooks = sorted(source.joinpath(assignment).glob("*.ipynb"))
    if not notebooks:
        names = sorted({path.parent.name for path in source.glob("*/*.ipynb")})
        raise CannotGradeError(
            f"there is no assignment {assignment!r} in {_shown(source)}/. "
            f"There is: {', '.join(names) or 'none'}."
        )
    return notebooks


def _students(coursedir, assignment):
    pattern = coursedir.format_path(coursedir.submitted_directory, "*", assignment)
    students = sorted(Path(path).parent.name for path in glob.glob(pattern))
    if not students:
        expected = _shown(coursedir.format_path(coursedir.submitted_directory, "STUDENT", "."))
        raise CannotGradeError(
            f"no submission found. Put each in {expected}/{assignment}/{assignment}.ipynb."
        )
    return students


def _register(app, log, assignment):
    """Put the assignment, as it is in solutions/, into the gradebook; leave exercises/ alone."""
    with (
        tempfile.TemporaryDirectory() as release,
        temp_attrs(app.coursedir, assignment_id=assignment, release_directory=release),
    ):
        try:
            _convert(log, GenerateAssignment(coursedir=app.coursedir, parent=app))
        except CannotGradeError as error:
            raise CannotGradeError(f"nbgrader does not take the assignment ({error}).") from error


def _grade(app, log, assignment, student, notebooks, force):
    """Grade one submission if need be and return its line."""
    if glob.has_magic(student):
        raise CannotGradeError("nbgrader takes no *, ? or [ in a name. Rename the folder.")
    coursedir = app.coursedir
    submitted = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    graded = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment))
    remarks = [remark for notebook in notebooks for remark in _look_at(submitted / notebook.name)]

    results = [graded / notebook.name for notebook in notebooks]
    if not force and _up_to_date(results, [*notebooks, *submitted.iterdir()]):
        remarks.append("graded before")
    else:
        converter = Autograde(coursedir=coursedir, parent=app, force=True)
        with temp_attrs(coursedir, assignment_id=assignment, student_id=student):
            _convert(log, converter)
    return "; ".join([_points(coursedir, assignment, student), *remarks])


def _look_at(path):
    """Return remarks on a submitted notebook; raise where nbgrader would stumble or skip it."""
    if not path.exists():
        others = ", ".join(sorted(other.name for other in path.parent.glob("*.ipynb")))
        raise CannotGradeError(
            f"{_shown(path)} is missing. "
            + (f"Rename what is there: {others}." if others else "Ask for it.")
        )
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = notebook["cells"] if notebook["nbformat"] >= 4 else []
        ids = Counter(cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        what = f"{type(error).__name__}: {error}"
        raise CannotGradeError(
            f"{_shown(path)} is not a notebook ({what}). Ask for the file again."
        ) from error
    return [f"copied cell {name}: the last counts" for name in ids if name and ids[name] > 1]


def _up_to_date(results, sources):
    # The time of change, not of writing: unpacked files keep an old time of writing.
    return all(path.exists() for path in results) and (
        min(path.stat().st_ctime for path in results)
        > max(path.stat().st_ctime for path in sources)
    )


def _points(coursedir, assignment, student):
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        submission = gradebook.find_submission(assignment, student)
        line = f"{submission.score:g} / {submission.max_score:g}"
        by_hand = [
            f"{grade.name} ({grade.max_score:g})"
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade
        ]
    return f"{line}, to grade by hand: {', '.join(sorted(by_hand))}" if by_hand else line


def _shown(path):
    """Return a path as the instructor knows it, from the course's root."""
    path = Path(path).resolve()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
