"""nbgrader's gradebook: one process writes, one transaction a submission."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Notebook as NotebookRow
from nbgrader.preprocessors import AssignLatePenalties

from lstm_grade.run import kept
from lstm_grade.run.submission import Graded


class Mark(NamedTuple):
    """The points of a cell, None if there are none yet, and whether they wait for a person."""

    points: float | None
    waits: bool
    by_hand: bool


class Writer:
    """The one writer of an assignment's gradebook.

    Parameters
    ----------
    app : NbGrader
    assignment : str
    """

    def __init__(self, app, assignment: str):
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
        self._cells: dict[str, str] = {}

    def refresh(self) -> None:
        """Read the cells again: the assignment may have been changed since."""
        self._cells = dict(self._gradebook.db.query(BaseCell.id, BaseCell.name).all())
        self._gradebook.db.remove()

    def close(self) -> None:
        """Close the gradebook."""
        self._connection.close()
        self._gradebook.close()

    def record(
        self,
        student: str,
        graded: Graded,
        when: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """Write the grades and comments of a submission, all of them or none.

        Parameters
        ----------
        student : str
        graded : Graded
        when : datetime, optional
            When it was handed in.
        until : datetime, optional
            To when this student has time, if not as the others.
        """
        session = self._gradebook.db
        try:
            with self._connection.begin():
                self._gradebook.update_or_create_student(student)
                at = {"timestamp": when.replace(tzinfo=None)} if when else {}
                submission = self._gradebook.update_or_create_submission(
                    self._assignment, student, **at
                )
                self._extend(submission, until)
                for notebook in submission.notebooks:
                    self._record_notebook(notebook, graded)
                session.commit()
        finally:
            session.remove()

    def _extend(self, submission, until):
        due = submission.assignment.duedate
        if until is not None and due is not None:
            submission.extension = until.replace(tzinfo=None) - due

    def regrade(self, student: str, notebook: str, cell: str, graded: Graded, reason: str):
        """Write the points of one cell as they are now; return those before and now."""

        def change(grade):
            points, waits = graded.grades[notebook][cell]
            grade.auto_score, grade.manual_score, grade.needs_manual_grade = points, None, waits
            kept.keep_answers(self._connection, {grade.id: graded.texts[notebook][cell]})

        return self._change(student, notebook, cell, change, reason)

    def give(self, student: str, notebook: str, cell: str, points: float, reason: str):
        """Give points by hand; return those before and now."""

        def change(grade):
            grade.manual_score, grade.needs_manual_grade = points, False

        return self._change(student, notebook, cell, change, reason)

    def _change(self, student, notebook, cell, change, reason):
        session = self._gradebook.db
        try:
            with self._connection.begin():
                book = self._gradebook.find_submission_notebook(notebook, self._assignment, student)
                (grade,) = [each for each in book.grades if self._cells[each.cell_id] == cell]
                before = _points(grade)
                change(grade)
                session.flush()
                book.late_submission_penalty = self._penalty(book)
                after = _points(grade)
                row = (self._assignment, student, cell, before, after, reason)
                kept.keep_reason(self._connection, *row)
                session.commit()
                return before, after
        finally:
            session.remove()

    def _record_notebook(self, notebook, graded):
        grades, texts = graded.grades[notebook.name], graded.texts[notebook.name]
        before = kept.answers(self._connection, [grade.id for grade in notebook.grades])
        now = {}
        for grade in notebook.grades:
            name = self._cells[grade.cell_id]
            if name not in texts:
                continue
            now[grade.id] = texts[name]
            if name in grades:  # nbgrader leaves the points of a task alone
                grade.auto_score, waits = grades[name]
                if grade.manual_score is None:
                    grade.needs_manual_grade = waits
            if grade.manual_score is not None and before.get(grade.id) != texts[name]:
                # Points given by hand may not fit what is there now.
                grade.needs_manual_grade = True
        kept.keep_answers(self._connection, now)
        comments = graded.comments.get(notebook.name, {})
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

    def late(self, until: Mapping[str, datetime]) -> None:
        """Work out again what is taken off: points by hand and extensions may be new.

        Parameters
        ----------
        until : mapping of str to datetime
            By student: to when they have time.
        """
        session = self._gradebook.db
        try:
            with self._connection.begin():
                rows = session.query(SubmittedAssignment).join(AssignmentRow)
                for submission in rows.filter(
                    AssignmentRow.name == self._assignment,
                    AssignmentRow.duedate.is_not(None),
                    SubmittedAssignment.timestamp.is_not(None),
                ):
                    before = submission.total_seconds_late
                    self._extend(submission, until.get(submission.student_id))
                    if before or submission.total_seconds_late:
                        for notebook in submission.notebooks:
                            notebook.late_submission_penalty = self._penalty(notebook)
                session.commit()
        finally:
            session.remove()

    def marks(self) -> dict[str, dict[str, Mark]]:
        """Return the marks of each student by cell."""
        session = self._gradebook.db
        columns = (Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade)
        rows = self._grades(NotebookRow.name, BaseCell.name, *columns).all()
        session.remove()
        several = len({book for _, book, *_ in rows}) > 1
        found: dict[str, dict[str, Mark]] = {}
        for student, book, cell, auto, manual, waits in rows:
            name = f"{book}: {cell}" if several else cell
            points = auto if manual is None else manual
            found.setdefault(student, {})[name] = Mark(points, bool(waits), manual is not None)
        return found

    def _grades(self, *columns):
        """Return a query for these columns of each mark, after whose it is."""
        return (
            self._gradebook.db.query(SubmittedAssignment.student_id, *columns)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(NotebookRow, NotebookRow.id == SubmittedNotebook.notebook_id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .join(AssignmentRow, AssignmentRow.id == SubmittedAssignment.assignment_id)
            .filter(AssignmentRow.name == self._assignment)
            .order_by(BaseCell.name)
        )

    def points(self) -> dict[str, str]:
        """Return a line for each student: the points, and what is left to grade by hand."""
        session = self._gradebook.db
        by_hand: dict[str, list[str]] = {}
        rows = self._grades(BaseCell.name, Grade.max_score).filter(Grade.needs_manual_grade)
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
            .filter(AssignmentRow.name == self._assignment)
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


def _points(grade):
    if grade.needs_manual_grade:
        return None
    return grade.auto_score if grade.manual_score is None else grade.manual_score
