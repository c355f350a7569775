"""An assignment in the gradebook: put there, and changed there while work is handed in."""

import hashlib
from contextlib import contextmanager

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.preprocessors import SaveCells as NbgraderSaveCells
from sqlalchemy.exc import SQLAlchemyError

from lstm_grade.run import kept
from lstm_grade.run.assignment import Assignment, normal, read_assignment
from lstm_grade.run.errors import CannotGradeError, behind, of_gradebook


@contextmanager
def opened(coursedir):
    """Open the gradebook; whatever is wrong with it is said in a sentence."""
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            yield gradebook
    except SQLAlchemyError as error:
        raise CannotGradeError(of_gradebook(error, coursedir.db_url)) from error


class SaveCells(NbgraderSaveCells):
    """Put an assignment's cells into the gradebook, also when some are new or gone.

    nbgrader refuses that once work was handed in. Here a new cell gets a place
    for its points in each submission, and a cell that is gone takes its points
    with it. All other points stay.
    """

    def _create_notebook(self, nb):
        try:
            notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        except MissingEntry:
            notebook = None
        if notebook and notebook.submissions:
            self._remove(notebook)
            self._add(notebook)
        super()._create_notebook(nb)

    def _remove(self, notebook):
        session = self.gradebook.db
        for cells, new in (
            (notebook.grade_cells, self.new_grade_cells),
            (notebook.task_cells, self.new_task_cells),
            (notebook.solution_cells, self.new_solution_cells),
            (notebook.source_cells, self.new_source_cells),
        ):
            for cell in [cell for cell in cells if cell.name not in new]:
                for table in (Grade, Comment):
                    session.query(table).filter(table.cell_id == cell.id).delete()
                session.delete(cell)
        session.commit()
        session.expire_all()

    def _add(self, notebook):
        session, book = self.gradebook.db, (self.notebook_id, self.assignment_id)
        of = self.gradebook
        for old, new, add, rows in (
            (notebook.grade_cells, self.new_grade_cells, of.add_grade_cell, (Grade,)),
            (notebook.task_cells, self.new_task_cells, of.add_task_cell, (Grade, Comment)),
            (notebook.solution_cells, self.new_solution_cells, of.add_solution_cell, (Comment,)),
            (notebook.source_cells, self.new_source_cells, of.add_source_cell, ()),
        ):
            present = {cell.name for cell in old}
            for name in [name for name in new if name not in present]:
                cell = add(name, *book, **new[name])
                for submission in notebook.submissions:
                    session.add_all([row(cell_id=cell.id, notebook=submission) for row in rows])
        session.commit()
        session.expire_all()


def register(app, name: str, secret: bytes | None) -> tuple[Assignment, list[str]]:
    """Put an assignment, as it is in solutions/, into the gradebook.

    What is given is as in `read_assignment`.

    Returns
    -------
    assignment : Assignment
    changed : list of str
        What is not as it was when work was graded; empty if nothing was.

    Raises
    ------
    CannotGradeError
        If there is no such assignment, nbgrader does not take it, or there is
        something wrong with the gradebook.
    """
    with opened(app.coursedir) as gradebook:
        before = _cells(gradebook, name)
    try:
        assignment = read_assignment(app, name, secret, SaveCells)
    except CannotGradeError as error:
        if cause := behind(error, SQLAlchemyError):
            raise CannotGradeError(of_gradebook(cause, app.coursedir.db_url)) from error
        raise
    with opened(app.coursedir) as gradebook:
        after = _cells(gradebook, name)
        with gradebook.engine.begin() as connection:
            kept.make(connection)
            texts = {_digest(text): text for text in _released(assignment)}
            known = kept.keep_releases(connection, name, texts)
    assignment = assignment.knowing(known)
    return assignment, _changes(before, after) if before else []


def _released(assignment):
    for notebook in assignment.notebooks.values():
        for cell in notebook.cells.values():
            if cell.locked:
                yield from {normal(cell.released), normal(cell.source)}


def _digest(text):
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _cells(gradebook, name):
    """Return points and text of each cell in the gradebook; nothing if nobody was graded."""
    try:
        assignment = gradebook.find_assignment(name)
    except MissingEntry:
        return {}
    if not assignment.submissions:
        return {}
    found = {}
    for notebook in assignment.notebooks:
        label = f"{notebook.name}: " * (len(assignment.notebooks) > 1)
        texts = {cell.name: cell.source for cell in notebook.source_cells}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            found[label + cell.name] = (cell.max_score, texts.get(cell.name, ""))
    return found


def _changes(before, after):
    said = [f"{name} is new: {after[name][0]:g} points" for name in after if name not in before]
    said += [f"{name} is gone: {before[name][0]:g} points" for name in before if name not in after]
    for name in [name for name in after if name in before]:
        (old, old_text), (new, new_text) = before[name], after[name]
        if old != new:
            said.append(f"{name} is worth {new:g} points, not {old:g}")
        if normal(old_text or "") != normal(new_text or ""):
            said.append(f"{name} has another text")
    return said
