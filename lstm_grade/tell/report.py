"""What a graded class got wrong: a page, figures and tables over one assignment.

The points come from nbgrader's gradebook. The mistakes come from the executed
notebooks in autograded/: what the exception of a failed test carried is there
as its cell's ``metadata["lstm_grade"]``. Mistakes are grouped by their name;
what they mean is not known here.
"""

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import (
    Comment,
    Grade,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.engine import make_url

from lstm_grade.run.classrun import RECEIPT
from lstm_grade.run.course import open_course
from lstm_grade.run.registered import opened


class CannotReportError(Exception):
    """Why there is no report."""


@dataclass
class Work:
    """The graded work of one student.

    Attributes
    ----------
    points : dict of str to float
        By question; without those that nobody has given yet.
    waiting : set of str
        Questions that wait for the instructor.
    penalty : float
        Points taken off, because it came late.
    mistakes : list of dict of str to str
        Of each failed test: ``function``, ``mistake``, ``section``, ``message``.
    odd : list of str
        Remarks of the grading.
    graded : float or None
        When, in seconds since 1970; None if its folder is not in autograded/.
    seconds : float or None
        How long that took; None if nbgrader graded it.
    bounds : str
        How its processes were bounded; "" if that is not known.
    untouched : bool
        Whether no answer was changed.
    reasons : dict of str to str
        Of cells that no test could look at, why a person has to.
    """

    points: dict[str, float] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    penalty: float = 0.0
    mistakes: list[dict] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    graded: float | None = None
    seconds: float | None = None
    bounds: str = ""
    untouched: bool = False
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def total(self):
        """The points so far."""
        return max(sum(self.points.values()) - self.penalty, 0.0)


@dataclass
class GradedClass:
    """A graded class.

    Attributes
    ----------
    assignment : str
    questions : dict of str to float
        The most points of each, in the order of the notebook.
    works : dict of str to Work
        By student.
    absent : list of str
        Students in the gradebook who handed in nothing.
    ungraded : list of str
        Students in submitted/ whose work is not in the gradebook yet.
    """

    assignment: str
    questions: dict[str, float]
    works: dict[str, Work]
    absent: list[str]
    ungraded: list[str]


def report(assignment, *, anonymous=False, db_url=None):
    """Write a report into ``reports/<assignment>/``: index.html, figures, tables.

    Parameters
    ----------
    assignment : str
    anonymous : bool
        Leave out who it was, and what was said to one student alone.
    db_url : str, optional
        The gradebook; that of nbgrader_config.py unless given.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    CannotReportError
        If nothing of this assignment is graded.
    CannotGradeError
        If this is not the course's root.
    """
    from lstm_grade.tell.report_page import write_page  # it needs Matplotlib: not for an error

    found = read_class(open_course(db_url).coursedir, assignment)
    folder = Path("reports", assignment)
    folder.mkdir(parents=True, exist_ok=True)
    return write_page(folder, found, anonymous)


@contextmanager
def gradebook_of(coursedir, assignment="ASSIGNMENT"):
    """Open the gradebook, if there is one."""
    url = make_url(coursedir.db_url)
    # nbgrader would make an empty one.
    if url.drivername.startswith("sqlite") and not Path(url.database).exists():
        raise CannotReportError(
            f"there is no gradebook {url.database}. "
            f"Grade first: python -m lstm_grade autograde {assignment}"
        )
    with opened(coursedir) as gradebook:
        yield gradebook


def read_class(coursedir, assignment):
    """Return the `GradedClass` of an assignment."""
    with gradebook_of(coursedir, assignment) as gradebook:
        names = [name for (name,) in gradebook.db.query(AssignmentRow.name)]
        if assignment not in names:
            raise CannotReportError(
                f"the gradebook has no assignment {assignment!r}. "
                f"It has: {', '.join(sorted(names)) or 'none'}."
            )
        questions, works = _marks(gradebook, assignment)
        enrolled = {student for (student,) in gradebook.db.query(Student.id)}
    if not works:
        raise CannotReportError(
            f"nothing of {assignment} is graded yet. "
            f"Grade first: python -m lstm_grade autograde {assignment}"
        )
    for student, work in works.items():
        directory = coursedir.autograded_directory
        _read_folder(Path(coursedir.format_path(directory, student, assignment)), work)
    pattern = coursedir.format_path(coursedir.submitted_directory, "*", assignment)
    root = Path(coursedir.root)
    handed_in = {path.parent.name for path in root.glob(str(Path(pattern).relative_to(root)))}
    return GradedClass(
        assignment,
        questions,
        dict(sorted(works.items())),
        sorted(enrolled - set(works) - handed_in),
        sorted(handed_in - set(works)),
    )


def _marks(gradebook, assignment):
    """Return the questions, and the work of each student as the gradebook has it."""
    session = gradebook.db
    cells = [
        (cell.id, notebook.name, cell.name, cell.max_score)
        for notebook in gradebook.find_assignment(assignment).notebooks
        for cell in [*notebook.grade_cells, *notebook.task_cells]
    ]
    several = len({notebook for _, notebook, *_ in cells}) > 1
    label = {key: f"{book}: {name}" if several else name for key, book, name, _ in cells}
    questions = {label[key]: most for key, _, _, most in cells}
    works = defaultdict(Work)
    of_student = (
        session.query(
            SubmittedAssignment.student_id,
            Grade.cell_id,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(AssignmentRow, AssignmentRow.id == SubmittedAssignment.assignment_id)
        .filter(AssignmentRow.name == assignment)
    )
    for student, cell, auto, manual, extra, needed in of_student:
        work, name = works[student], label[cell]
        score = auto if manual is None else manual
        if needed:
            work.waiting.add(name)
        if score is not None or extra:
            work.points[name] = (score or 0.0) + (extra or 0.0)
    untouched = (
        session.query(SubmittedAssignment.student_id, Comment.auto_comment)
        .select_from(Comment)
        .join(SolutionCell, SolutionCell.id == Comment.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Comment.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(AssignmentRow, AssignmentRow.id == SubmittedAssignment.assignment_id)
        .filter(AssignmentRow.name == assignment)
    )
    changed = {student for student, comment in untouched if comment != "No response."}
    late = (
        session.query(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(AssignmentRow, AssignmentRow.id == SubmittedAssignment.assignment_id)
        .filter(AssignmentRow.name == assignment, SubmittedNotebook.late_submission_penalty > 0)
    )
    for student, penalty in late:
        works[student].penalty += penalty
    for student, work in works.items():
        work.untouched = student not in changed and work.total == 0
    return questions, dict(works)


def _read_folder(folder, work):
    """Add what is in a folder of autograded/: mistakes, remarks, when it was graded."""
    try:
        receipt = folder / RECEIPT
        told = json.loads(receipt.read_text())
        work.odd = [str(remark) for remark in told["odd"]]
        work.graded = receipt.stat().st_mtime
        work.seconds = told.get("seconds")
        work.bounds = str(told.get("bounds", ""))
        work.reasons = {str(cell): str(why) for cell, why in told.get("waits", {}).items()}
    except (OSError, ValueError, KeyError):
        # nbgrader autograde leaves no remarks.
        work.graded = folder.stat().st_mtime if folder.exists() else None
    for path in sorted(folder.glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text("utf-8"))["cells"]
        except (OSError, ValueError, KeyError):
            work.odd.append(f"{path.name} in autograded/ cannot be read")
            continue
        for cell in cells:
            carried = cell.get("metadata", {}).get("lstm_grade")
            if isinstance(carried, dict) and carried.get("mistake"):
                names = ("function", "mistake", "section", "message")
                work.mistakes.append({name: str(carried.get(name, "")) for name in names})
