"""Grades for a learning management system: `nbgrader export --exporter=...`.

A grade is complete when no answer waits to be graded by hand. Others are never
written as a number: they are left out, said, and listed in a file of their own.
"""

from pathlib import Path

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin

from lstm_grade.run.tables import write_table


class Export(ExportPlugin):
    """What the files for Canvas and Moodle have in common: which grades are in them."""

    # Where they go unless `--to` says it.
    file = ""

    def export(self, gradebook):
        """Write the grades, and beside them a list of those that wait, if any do.

        Raises
        ------
        ValueError
            If a student or an assignment that was asked for is not in the gradebook.
        """
        assignments = _asked(gradebook.assignments, "name", self.assignment, "assignment")
        students = _asked(gradebook.students, "id", self.student, "student")
        rows, waiting = [], []
        for student in students:
            points = []
            for assignment in assignments:
                grade, complete = _grade(gradebook, assignment.name, student.id)
                points.append(grade)
                if not complete:
                    waiting.append([assignment.name, student.id])
            # An empty cell could delete a grade: who has none at all is left out.
            if any(grade is not None for grade in points):
                rows.append((student, points))
        path = Path(self.to or self.file)
        write_table(path, self.table(assignments, rows))
        beside = path.with_name(f"{path.stem}-waiting.csv")
        beside.unlink(missing_ok=True)
        if waiting:
            write_table(beside, [["assignment", "student"], *waiting])
            self.log.warning(
                "Grades left out, as answers wait to be graded by hand: %d. See %s.",
                len(waiting),
                beside,
            )


def _asked(found, key, asked, what):
    by_name = {getattr(each, key): each for each in found}
    names = [str(name) for name in asked]
    if unknown := [name for name in names if name not in by_name]:
        raise ValueError(f"The gradebook has no {what} {', '.join(unknown)}.")
    return [by_name[name] for name in names] if names else list(found)


def _grade(gradebook, assignment, student):
    """Return the points, None if there are none yet, and whether they are complete."""
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return None, True  # what that costs, the course decides
    if submission.needs_manual_grade:
        return None, False
    return max(0.0, submission.score - submission.late_submission_penalty), True


class Table(ExportPlugin):
    """``grades.csv``: a row for each student and assignment, with nbgrader's columns.

    Who has handed in nothing, or could not be graded, has no score there: what
    that costs, the course decides. ``waiting`` names what a person has to grade.
    """

    def export(self, gradebook):
        """Write the file.

        Raises
        ------
        ValueError
            If a student or an assignment that was asked for is not in the gradebook.
        """
        head = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name"]
        head += ["email", "raw_score", "late_submission_penalty", "score", "max_score", "waiting"]
        rows = [
            _row(gradebook, assignment, student)
            for assignment in _asked(gradebook.assignments, "name", self.assignment, "assignment")
            for student in _asked(gradebook.students, "id", self.student, "student")
        ]
        write_table(Path(self.to or "grades.csv"), [head, *rows])


def _row(gradebook, assignment, student):
    who = [student.id, student.last_name, student.first_name, student.email]
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        rest = ["", "", "", float(assignment.max_score), ""]
        return [assignment.name, assignment.duedate, "", *who, *rest]
    penalty, score = submission.late_submission_penalty, submission.score
    waiting = [g.name for n in submission.notebooks for g in n.grades if g.needs_manual_grade]
    points = [score, penalty, max(0.0, score - penalty), float(assignment.max_score)]
    when = [assignment.name, assignment.duedate, submission.timestamp]
    return [*when, *who, *points, " ".join(sorted(waiting))]


class Canvas(Export):
    """A file for Canvas: *Grades*, *Import*.

    Canvas finds a student by the *ID*, its own number, or by the *SIS Login ID*.
    The ID is the gradebook's ``lms_user_id``, or else the student's name in
    submitted/ where that is a number.
    """

    file = "grades-canvas.csv"

    def table(self, assignments, rows):
        """Return the rows of the file."""
        head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
        possible = ["Points Possible", "", "", "", ""]
        return [
            [*head, *(each.name for each in assignments)],
            [*possible, *(float(each.max_score) for each in assignments)],
            *([*_in_canvas(student), *points] for student, points in rows),
        ]


def _in_canvas(student):
    name = ", ".join(filter(None, [student.last_name, student.first_name])) or student.id
    number = student.lms_user_id or (student.id if student.id.isdecimal() else "")
    return [name, number, "", "" if number == student.id else student.id, ""]


class Moodle(Export):
    """A file for Moodle: *Grades*, *Import*, *CSV file*.

    While importing, map *Email address* to the email address, or *Student* to
    the username or ID number, whichever names the folders of submitted/; then
    each assignment to its grade item.
    """

    file = "grades-moodle.csv"

    def table(self, assignments, rows):
        """Return the rows of the file."""
        head = ["Student", "First name", "Last name", "Email address"]
        return [
            [*head, *(each.name for each in assignments)],
            *(
                [s.id, s.first_name or "", s.last_name or "", s.email or "", *points]
                for s, points in rows
            ),
        ]
