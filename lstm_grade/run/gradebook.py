"""nbgrader's gradebook: one process writes, one transaction a submission."""

import json
import logging
import tempfile
from pathlib import Path

import nbformat
from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files, parse_utc, temp_attrs

from lstm_grade.box.rules import Rules
from lstm_grade.run.submission import Assignment, Cell, Notebook


class CannotGradeError(Exception):
    """Why nothing at all can be graded."""


def open_course(db_url=None):
    """Return nbgrader with the configuration of this folder.

    Parameters
    ----------
    db_url : str, optional
        The gradebook; that of nbgrader_config.py unless given.

    Returns
    -------
    NbGrader
        Its errors are kept in ``app.log.handlers[0].errors``.
    """
    if not Path("nbgrader_config.py").exists():
        raise CannotGradeError("there is no nbgrader_config.py here; go to the course's root.")
    app = NbGrader()
    app.initialize([])
    if db_url:
        app.coursedir.db_url = db_url
    app.log.handlers = [_Log()]
    app.log.propagate = False
    return app


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


def register(app, name, secret):
    """Put an assignment, as it is in solutions/, into the gradebook; leave exercises/ alone.

    Parameters
    ----------
    app : NbGrader
        As `open_course` returns it.
    name : str
        A folder in solutions/.
    secret : bytes
        The instructor's.

    Returns
    -------
    Assignment
        What a worker has to know.

    Raises
    ------
    CannotGradeError
        If there is no such assignment, or nbgrader does not take it.
    """
    coursedir = app.coursedir
    source = Path(coursedir.format_path(coursedir.source_directory, ".", name))
    if not list(source.glob("*.ipynb")):
        names = sorted({path.parent.name for path in source.parent.glob("*/*.ipynb")})
        raise CannotGradeError(
            f"there is no assignment {name!r} in {coursedir.source_directory}/. "
            f"There is: {', '.join(names) or 'none'}."
        )
    files = {
        str(Path(path).relative_to(source)): Path(path).read_bytes()
        for path in find_all_files(str(source), [*coursedir.ignore, "*.ipynb"])
    }
    with (
        tempfile.TemporaryDirectory() as release,
        temp_attrs(coursedir, assignment_id=name, release_directory=release),
    ):
        try:
            GenerateAssignment(coursedir=coursedir, parent=app, force=True).start()
        except Exception as error:  # SystemExit is none of them
            reason = app.log.handlers[0].reason(error)
            raise CannotGradeError(f"nbgrader does not take the assignment ({reason}).") from error
        released = Path(coursedir.format_path(release, ".", name))
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            notebooks = {
                notebook.name: Notebook(
                    source=source.joinpath(f"{notebook.name}.ipynb").read_bytes(),
                    kernelspec=json.loads(notebook.kernelspec or "{}"),
                    cells=_cells(notebook, released / f"{notebook.name}.ipynb"),
                )
                for notebook in gradebook.find_assignment(name).notebooks
            }
    try:
        limits = [Rules.of(nbformat.read(path, 4)).limits for path in source.glob("*.ipynb")]
    except ValueError as error:
        raise CannotGradeError(
            f"solutions/{name} says how to grade it, wrongly: {error}"
        ) from error
    return Assignment(
        name,
        notebooks,
        files,
        seconds=sum(limit.notebook for limit in limits),
        ignore=tuple(coursedir.ignore),
        secret=secret,
    )


def _cells(notebook, released):
    """Return the cells of a notebook that nbgrader knows, by name."""
    graded = {cell.name: cell for cell in [*notebook.grade_cells, *notebook.task_cells]}
    tasks = {cell.name for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    sources = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in nbformat.read(released, 4).cells
        if "nbgrader" in cell.metadata
    }
    return {
        cell.name: Cell(
            cell_type=cell.cell_type,
            source=cell.source,
            released=sources[cell.name],
            checksum=cell.checksum,
            grade=cell.name in graded and cell.name not in tasks,
            solution=cell.name in solutions,
            locked=cell.locked,
            task=cell.name in tasks,
            points=graded[cell.name].max_score if cell.name in graded else None,
        )
        for cell in notebook.source_cells
    }


class Writer:
    """The one writer of an assignment's gradebook.

    Parameters
    ----------
    app : NbGrader
    assignment : str
    """

    def __init__(self, app, assignment):
        self._assignment = assignment
        self._gradebook = Gradebook(app.coursedir.db_url, app.coursedir.course_id)
        self._penalties = AssignLatePenalties(parent=app)
        self._penalties.init_plugin()
        # Each method of nbgrader's Gradebook commits. Joined to a transaction that was
        # begun outside, its session leaves the last word to that one.
        self._gradebook.db.remove()
        self._connection = self._gradebook.engine.connect()
        self._gradebook.db.configure(
            bind=self._connection, join_transaction_mode="rollback_only", expire_on_commit=False
        )
        self._cells = dict(self._gradebook.db.query(BaseCell.id, BaseCell.name).all())
        self._gradebook.db.remove()

    def close(self):
        """Close the gradebook."""
        self._connection.close()
        self._gradebook.close()

    def record(self, student, graded, timestamp=None):
        """Write the grades and comments of a submission, all of them or none.

        Parameters
        ----------
        student : str
        graded : Graded
        timestamp : str, optional
            When it was handed in.
        """
        when = {"timestamp": parse_utc(timestamp)} if timestamp else {}
        session = self._gradebook.db
        try:
            with self._connection.begin():
                self._gradebook.update_or_create_student(student)
                submission = self._gradebook.update_or_create_submission(
                    self._assignment, student, **when
                )
                for notebook in submission.notebooks:
                    self._record_notebook(notebook, graded)
                session.commit()
        finally:
            session.remove()

    def _record_notebook(self, notebook, graded):
        grades = graded.grades[notebook.name]
        for grade in notebook.grades:
            name = self._cells[grade.cell_id]
            if name in grades:
                grade.auto_score, by_hand = grades[name]
                # Points given by hand before may not fit what was handed in now.
                grade.needs_manual_grade = by_hand or grade.manual_score is not None
        comments = graded.comments.get(notebook.name)
        if comments is None:  # it is missing
            return
        for comment in notebook.comments:
            name = self._cells[comment.cell_id]
            if name in comments:
                comment.auto_comment = comments[name]
        notebook.late_submission_penalty = self._penalty(notebook)

    def _penalty(self, notebook):
        """Return what nbgrader's plugin for late submissions takes off, or None."""
        late = notebook.assignment.total_seconds_late
        if late == 0:
            return None
        student = notebook.assignment.student_id
        penalty = self._penalties.plugin_inst.late_submission_penalty(student, notebook.score, late)
        return None if penalty is None else self._penalties._check_late_penalty(notebook, penalty)

    def points(self):
        """Return a line for each student: the points, and what is left to grade by hand."""
        session = self._gradebook.db
        of_this = AssignmentRow.name == self._assignment
        by_hand = {}
        rows = (
            session.query(SubmittedAssignment.student_id, BaseCell.name, Grade.max_score)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .join(AssignmentRow, AssignmentRow.id == SubmittedAssignment.assignment_id)
            .filter(of_this, Grade.needs_manual_grade)
            .order_by(BaseCell.name)
        )
        for student, cell, points in rows:
            by_hand.setdefault(student, []).append(f"{cell} ({points:g})")
        rows = (
            session.query(
                SubmittedAssignment.student_id,
                SubmittedAssignment.score,
                SubmittedAssignment.max_score,
                SubmittedAssignment.late_submission_penalty,
            )
            .join(AssignmentRow, AssignmentRow.id == SubmittedAssignment.assignment_id)
            .filter(of_this)
        )
        lines = {}
        for student, score, most, penalty in rows:
            lines[student] = f"{score - penalty:g} / {most:g}"
            if penalty:
                lines[student] += f", {penalty:g} taken off: late"
            if student in by_hand:
                lines[student] += f", to grade by hand: {', '.join(by_hand[student])}"
        session.remove()
        return lines
