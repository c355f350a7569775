"""Forget a student: what the course keeps of them is removed, and what it cannot reach is said."""

import glob
import os
import shutil
from pathlib import Path

from nbgrader.api import Grade, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.exchange.default import Exchange
from sqlalchemy import text

from lstm_grade.run import extensions, kept
from lstm_grade.run.classrun import only_one_run
from lstm_grade.run.collect.place import bad_folder
from lstm_grade.run.course import open_course
from lstm_grade.run.errors import CannotGradeError, of_system
from lstm_grade.run.folder import shown
from lstm_grade.run.registered import opened
from lstm_grade.run.tables import TableError, read_table

# What no program on this machine can reach, whatever it does.
OUT_OF_REACH = (
    "the system they handed in to, such as Moodle or Canvas, and what you sent it",
    "copies of this folder: backups, disk images, another machine",
    "what others have: a partner's copy of work done together, feedback that was sent",
)


def forget(student: str, *, db_url: str | None = None, dry_run: bool = False) -> list[str]:
    """Remove a student from submissions, gradebook, feedback, extensions and reports.

    Parameters
    ----------
    student : str
    db_url : str, optional
        The gradebook.
    dry_run : bool
        Only say what would be removed.

    Returns
    -------
    list of str
        Lines: what was removed, and what still names the student.

    Raises
    ------
    CannotGradeError
        If nothing here is of that student. Nothing was removed then.
    """
    app = open_course(db_url)
    root = Path(app.coursedir.root)
    places = [] if bad_folder(student) else _folders(app, student)
    granted = [name for name, who in extensions.read(root) if who == student]
    handed_in, names = _in_gradebook(app, student)
    if not (places or granted or names):
        raise CannotGradeError(
            f"nobody here is called {shown(student)!r}: not in the gradebook, and no folder of "
            f"{app.coursedir.submitted_directory}/ is. Students are called as their folders are."
        )
    reports = _reports(root)
    lines = ["Would be removed:" if dry_run else "Removed:"]
    lines += [f"- {path.relative_to(root)}/" for path in places]
    if names:
        lines.append(f"- from the gradebook: {shown(student)}, with {_counted(handed_in)}")
    lines += [f"- from {extensions.FILE}: more time for {name}" for name in granted]
    lines += [f"- from {path.relative_to(root)}/" for path in reports]
    if not dry_run:
        try:
            with only_one_run(app.coursedir):
                if names:
                    _from_gradebook(app, student)
                for path in places:
                    path.unlink() if path.is_symlink() else shutil.rmtree(path)
                if granted:
                    extensions.remove(root, student)
        except OSError as error:
            raise CannotGradeError(
                f"{of_system(error)} What was removed before that is gone; the rest is there. "
                "The same command goes on"
            ) from error
        _write_again(reports, db_url)
    lines += ["", "Still there, and not the course's to remove:"]
    lines += [
        f"- {each}"
        for each in (*_left(root, {student, *names}), *_exchanged(app, student), *OUT_OF_REACH)
    ]
    return lines


def _counted(handed_in):
    several = ", ".join(sorted(handed_in))
    return f"marks, points by hand and comments in {several}" if several else "no marks"


def _folders(app: NbGrader, student: str) -> list[Path]:
    """Return the student's folders of every step, whatever nbgrader's structure of folders is."""
    course, found = app.coursedir, []
    for step in (
        course.submitted_directory,
        course.autograded_directory,
        course.feedback_directory,
    ):
        # nbgrader can be told to put steps, students and assignments in another order.
        of_student = Path(course.format_path(step, student, "any")).parent
        pattern = course.format_path(step, glob.escape(student), "*")
        of_each = [of_student] if of_student.name == student else map(Path, glob.glob(pattern))
        found += [path for path in of_each if os.path.lexists(path)]
    return found


def _in_gradebook(app, student) -> tuple[list[str], set[str]]:
    """Return in which assignments the gradebook has work, and what it calls the student."""
    if not _is_there(app.coursedir.db_url):
        return [], set()
    with opened(app.coursedir) as gradebook:
        try:
            row = gradebook.find_student(student)
        except MissingEntry:
            return [], set()
        full = " ".join(filter(None, (row.first_name, row.last_name)))
        names = {row.id, row.email or "", row.lms_user_id or "", full}
        return [each.assignment.name for each in row.submissions], names - {""}


def _is_there(db_url):
    return not db_url.startswith("sqlite:///") or Path(db_url.removeprefix("sqlite:///")).exists()


def _from_gradebook(app, student) -> None:
    with opened(app.coursedir) as gradebook:
        grades = (
            gradebook.db.query(Grade.id)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .filter(SubmittedAssignment.student_id == student)
        )
        ids = [grade for (grade,) in grades]
        gradebook.db.remove()
        with gradebook.engine.begin() as connection:
            kept.make(connection)
            kept.forget(connection, student, ids)
        gradebook.remove_student(student)
        gradebook.db.remove()
        if gradebook.engine.dialect.name == "sqlite":
            # What was deleted is in the file until it is written anew.
            with gradebook.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            ) as connection:
                connection.execute(text("VACUUM"))


def _reports(root: Path) -> list[Path]:
    """Return the folders of reports, and that of the term's page."""
    base = root / "reports"
    return sorted(path.parent for path in [*base.glob("index.html"), *base.glob("*/index.html")])


def _write_again(reports, db_url) -> None:
    """Write each report anew, without names if it had none; one of nobody is removed."""
    from lstm_grade.tell.report import CannotReportError, report
    from lstm_grade.tell.term_report import term_report

    for folder in reports:
        term = folder.name == "reports"
        anonymous = not Path(folder, "term.csv" if term else "students.csv").exists()
        try:
            if term:
                term_report(anonymous=anonymous, db_url=db_url)
            else:
                report(folder.name, anonymous=anonymous, db_url=db_url)
        except CannotReportError:
            for path in folder.iterdir():
                if path.is_file():
                    path.unlink()


def _left(root: Path, names: set[str]):
    """Yield what in this folder still names a student, and is not the course's to change."""
    for path in sorted(root.glob("*.csv")):
        lines = _lines_with(path, names)
        if lines:
            exported = " (export again)" if path.name.startswith("grades") else ""
            yield f"{path.name}, line {', '.join(map(str, lines[:5]))}{exported}"
    for path in sorted(root.glob("gradebook.db?*")):
        yield f"{path.name}: an earlier gradebook"
    for path in sorted(root.glob("*.log")):
        if any(name in path.read_text("utf-8", "replace") for name in names):
            yield f"{path.name}: names them"
    for path in sorted([*root.glob("*.zip"), *root.glob("downloaded/**/*.zip")]):
        yield f"{path.relative_to(root)}: an archive; look whether it holds their work"
    if Path(root, ".git").exists():
        yield "what was committed to git, if submissions or rosters ever were"


def _exchanged(app, student):
    """Yield what nbgrader's exchange holds of a student; it is shared, and others' folder."""
    exchange = Exchange(coursedir=app.coursedir, parent=app)
    inbound = Path(exchange.root, app.coursedir.course_id, "inbound")
    try:
        found = [name for name in sorted(os.listdir(inbound)) if name.startswith(f"{student}+")]
    except OSError:
        return
    yield from (str(inbound / name) for name in found)


def _lines_with(path, names):
    folded = {name.casefold() for name in names}
    try:
        table = read_table(path)
    except TableError:
        return []
    return [n for n, row in table.numbered if folded & {v.casefold() for v in row.values()}]
