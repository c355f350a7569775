"""Feedback that follows the gradebook: a page is written again when what it shows has changed."""

import hashlib
import re
from pathlib import Path

import nbgrader.apps.api
import nbgrader.apps.generatefeedbackapp
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback as NbgraderGenerateFeedback
from nbgrader.preprocessors import GetGrades
from traitlets import List

from lstm_grade.run import kept

STATE = "lstm-grade-state"
_STATE = re.compile(rf'<meta[^>]*name="{STATE}"[^>]*>')


class GenerateFeedback(NbgraderGenerateFeedback):
    """Writes the pages that are missing, and those that show what is not so any more."""

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Return whether a student's pages have to be written; remove old ones."""
        pages = list(Path(self._format_dest(assignment_id, student_id)).glob("*.html"))
        forced, self.force = self.force, True
        try:
            if pages and not forced:
                folder = Path(self._format_source(assignment_id, student_id))
                with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                    now = state(gradebook, assignment_id, student_id, folder)
                if all(_of_page(page) == now for page in pages):
                    self.log.info("Feedback is up to date: %s", pages[0].parent)
                    return False
            return super().init_destination(assignment_id, student_id)
        finally:
            self.force = forced


def _of_page(path: Path) -> str:
    """Return of which state of the gradebook a page is."""
    found = _STATE.search(path.read_text("utf-8", "replace")[:20_000])
    content = re.search(r'content="(\w+)"', found[0]) if found else None
    return content[1] if content else ""


def state(gradebook: Gradebook, assignment: str, student: str, folder: Path) -> str:
    """Return a number that changes with whatever a student's feedback shows."""
    told = hashlib.sha256()
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return ""
    for notebook in submission.notebooks:
        told.update(repr((notebook.name, notebook.late_submission_penalty)).encode())
        for grade in sorted(notebook.grades, key=lambda grade: grade.id):
            row = (grade.id, grade.auto_score, grade.manual_score, grade.extra_credit)
            told.update(repr((*row, grade.needs_manual_grade, grade.max_score)).encode())
        for comment in sorted(notebook.comments, key=lambda comment: comment.id):
            told.update(repr((comment.id, comment.comment)).encode())
    for row in _reasons(gradebook, assignment, student):
        told.update(repr(tuple(row)).encode())
    for path in sorted(folder.glob("*.ipynb")):
        told.update(path.read_bytes())
    return told.hexdigest()


def _reasons(gradebook, assignment, student):
    with gradebook.engine.begin() as connection:
        kept.make(connection)
        return kept.reasons(connection, assignment, student)


class Marks(GetGrades):
    """Add the marks, which of them wait for a person, and why some were changed."""

    # nbconvert sets it for all; nbgrader's class takes no setting, and would warn each time.
    display_data_priority = List(config=True)

    def preprocess(self, nb, resources):
        """Return the notebook with what its page shows."""
        about = resources["nbgrader"]
        whose = (about["assignment"], about["student"])
        folder = Path(resources["metadata"]["path"])
        with Gradebook(about["db_url"]) as gradebook:
            book = gradebook.find_submission_notebook(about["notebook"], *whose)
            resources["lstm_grade"] = {
                "state": state(gradebook, *whose, folder),
                "waits": {grade.name for grade in book.grades if grade.needs_manual_grade},
                "reasons": [row._asdict() for row in _reasons(gradebook, *whose)],
            }
        return super().preprocess(nb, resources)


def install() -> None:
    """Let nbgrader's command and the formgrader's button write such pages."""
    for module in (nbgrader.apps.generatefeedbackapp, nbgrader.apps.api):
        module.GenerateFeedback = GenerateFeedback
