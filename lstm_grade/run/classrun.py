"""Grade a class: all cores or a cluster at work, one process that writes.

A submission is graded when its folder is in autograded/. It is written beside
it, its marks go into the gradebook in one transaction, and then one renaming
puts it in place. Stopped anywhere before that, the next run grades it again,
with the same marks.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from lstm_grade.box.sandbox import SandboxError
from lstm_grade.run import extensions, worker
from lstm_grade.run.assignment import Assignment, find_source
from lstm_grade.run.course import open_course, read_secret
from lstm_grade.run.errors import (
    CannotGradeError,
    NotGradedError,
    behind,
    of_gradebook,
    of_system,
    one_line,
    stops_all,
)
from lstm_grade.run.folder import read_folder, shown
from lstm_grade.run.gradebook import Writer
from lstm_grade.run.pools import Pool, cluster, this_machine
from lstm_grade.run.registered import register
from lstm_grade.run.said import moved, reasons, said_of_class
from lstm_grade.run.submission import Graded, Submission, lost
from lstm_grade.run.tables import TableError
from lstm_grade.run.times import TimeError, parse

# In a folder of autograded/: what it was graded from, the remarks, and how long it took.
RECEIPT = ".graded.json"
# Names that are nobody's work: the editor's copies, Python's caches.
UNREAD = (".*", "__pycache__")
# Submissions in memory at the same time, and their bytes.
_AT_A_TIME = 16
_ROOM = 128 * 2**20
# Characters of a reason.
_LONGEST = 400
# Seconds without an answer, after which it is asked whether anyone is left to give one.
_PATIENCE = 15


def autograde(
    assignment: str,
    *,
    force: bool = False,
    students=(),
    scheduler: str | None = None,
    db_url: str | None = None,
    unsafe: bool = False,
) -> bool:
    """Grade an assignment and print one line a student.

    The tests are those of solutions/ as it is now. What was graded before is
    graded again only if the submission or the assignment has changed.

    Parameters
    ----------
    assignment : str
        Name of a folder in solutions/.
    force : bool
        Grade again in any case.
    students : sequence of str
        Grade only these; everyone if empty.
    scheduler : str, optional
        Address of a Dask scheduler whose workers do the work.
    db_url : str, optional
        The gradebook; that of nbgrader_config.py unless given.
    unsafe : bool
        Run student code without a sandbox.

    Returns
    -------
    bool
        Whether everyone was graded.

    Raises
    ------
    CannotGradeError
        If nothing at all can be graded.
    """
    app = open_course(db_url)
    folders = find_folders(app.coursedir, assignment, students)
    find_source(app.coursedir, assignment)
    # The pool first: what it forks must hold neither the lock nor the gradebook.
    with cluster(scheduler) if scheduler else this_machine() as pool:
        run = grade_class(app, assignment, folders, pool, force=force, unsafe=unsafe)
    print("\n".join(run.lines), flush=True)
    return not run.failed


def grade_class(
    app, name: str, folders: dict[str, Path], pool: Pool, *, force=False, unsafe=False
) -> "Run":
    """Grade these folders; the one way for every command and button.

    Raises
    ------
    CannotGradeError
        If nothing more can be graded.
    """
    coursedir = app.coursedir
    try:
        until = {
            student: when
            for (assignment, student), when in extensions.read(Path(coursedir.root)).items()
            if assignment == name
        }
        with only_one_run(coursedir) as scratch, closing(Writer(app, name)) as writer:
            before = writer.marks()
            secret, always_unsafe = read_secret(app)
            assignment, changed = register(app, name, secret)
            writer.refresh()
            if changed:
                print(
                    f"{name} has changed since it was graded: {'; '.join(changed)}.",
                    file=sys.stderr,
                )
            run = Run(coursedir, assignment, writer, scratch, until, force, unsafe or always_unsafe)
            run.grade(pool, folders)
            writer.late(until)
            why = reasons(changed, run.again)
            run.lines = said_of_class(name, folders, writer.points(), run)
            run.lines += moved(before, writer.marks(), why)
            return run
    except SQLAlchemyError as error:
        raise CannotGradeError(of_gradebook(error, coursedir.db_url)) from error
    except TableError as error:
        raise CannotGradeError(f"{error}.") from error
    except OSError as error:
        raise CannotGradeError(of_system(error)) from error


def find_folders(coursedir: CourseDirectory, name: str, students=()) -> dict[str, Path]:
    """Return the folder of each student who handed in, also of those that cannot be read.

    Raises
    ------
    CannotGradeError
        If there is none, or none of a student who is named.
    """
    root = Path(coursedir.root)
    pattern = Path(coursedir.format_path(coursedir.submitted_directory, "*", name))
    base = Path(*pattern.parts[: pattern.parts.index("*")])
    try:
        names = sorted(os.listdir(base))
    except FileNotFoundError:
        names = []
    except OSError as error:
        raise CannotGradeError(of_system(error)) from error
    folders = {}
    for student in names:
        path = Path(coursedir.format_path(coursedir.submitted_directory, student, name))
        try:
            if not student.startswith("."):
                os.lstat(path)
                folders[student] = path
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            folders[student] = path  # it is named when it cannot be read
    expected = Path(coursedir.submitted_directory, "STUDENT", name, f"{name}.ipynb")
    if not folders:
        raise CannotGradeError(f"no submission found. Put each in {expected}.")
    if missing := [student for student in students if student not in folders]:
        raise CannotGradeError(
            f"{', '.join(map(shown, missing))} handed in nothing: it would be in {expected}."
        )
    folders = {student: folders[student] for student in students} if students else folders
    return {student: root / path for student, path in folders.items()}


@contextmanager
def only_one_run(coursedir: CourseDirectory) -> Iterator[Path]:
    """Return a folder for what is not finished; refuse a second run at the same time."""
    scratch = Path(coursedir.root, coursedir.autograded_directory, ".unfinished")
    scratch.mkdir(parents=True, exist_ok=True)
    lock = os.open(scratch, os.O_RDONLY)
    try:
        # The system gives the lock back, however this process ends.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in scratch.iterdir():
            shutil.rmtree(left)
        yield scratch
        shutil.rmtree(scratch)
    except BlockingIOError as error:
        raise CannotGradeError("another run is grading here. Wait until it is done.") from error
    finally:
        os.close(lock)


class Run:
    """One run over the folders of a class.

    Attributes
    ----------
    failed, odd : dict of str to str, dict of str to list of str
        Why a student was not graded, and what was odd.
    before : set of str
        Who was graded before.
    again : set of str
        Who was graded again, having handed in something else.
    lines : list of str
        What there is to say.
    """

    def __init__(self, coursedir, assignment: Assignment, writer, scratch, until, force, unsafe):
        self._coursedir = coursedir
        self._assignment = assignment
        self._writer = writer
        self._scratch = scratch
        self._until = until
        self._force = force
        self._unsafe = unsafe
        self._of_assignment = assignment.digest()
        self._recorded = writer.points().keys()
        self._alone: dict[str, Path] = {}
        self._bytes = 0
        self.failed: dict[str, str] = {}
        self.odd: dict[str, list[str]] = {}
        self.before: set[str] = set()
        self.again: set[str] = set()
        self.lines: list[str] = []

    def grade(self, pool: Pool, folders: dict[str, Path]) -> None:
        """Grade what is not graded yet; who ran out of time is tried again, alone, at the end."""
        with tqdm(
            total=len(folders), desc=self._assignment.name, unit="", disable=None, file=sys.stderr
        ) as bar:
            self._grade(pool, folders, bar)
            alone, self._alone = self._alone, {}
            for student, folder in alone.items():
                bar.set_postfix_str(f"again, alone: {shown(student)}")
                self._grade(pool, {student: folder}, bar, alone=True)

    def _grade(self, pool, folders, bar, alone=False):
        waiting = iter(folders.items())
        running: dict[Future, tuple] = {}
        while True:
            # Few are read at a time, however large the class.
            while len(running) < _AT_A_TIME and self._bytes < _ROOM:
                if not (folder := next(waiting, None)):
                    break
                if job := self._start(pool, *folder, alone):
                    running[job[0]] = job[1:]
                else:
                    bar.update()
            if not running:
                return
            done, _ = wait(running, _PATIENCE, return_when=FIRST_COMPLETED)
            if not done and not pool.workers():
                raise CannotGradeError(
                    f"all workers are lost; {bar.n} of {bar.total} were graded before. "
                    "Start some, and the same command goes on from here."
                )
            for future in done:
                bar.update(self._finish(future, *running.pop(future), alone=alone))
                bar.set_postfix(odd=len(self.odd), failed=len(self.failed), refresh=False)

    def _start(self, pool, student, folder, alone):
        """Hand in a submission to the pool, unless it is graded already."""
        try:
            files, odd = read_folder(folder, UNREAD)
            when = _time(files)
        except NotGradedError as error:
            self.failed[student] = shown(error, _LONGEST)
            return None
        if set(student) & set("*?["):
            odd.append("nbgrader gives no feedback to a folder whose name has *, ? or [")
        handed_in = hashlib.sha256()
        for name, content in sorted(files.items()):
            handed_in.update(repr((name, content)).encode())
        digest = hashlib.sha256(self._of_assignment + handed_in.digest()).hexdigest()
        receipt = self._receipt(student)
        if receipt.get("digest") == digest and not (self._force or alone):
            self.before.add(student)
            self._note(student, receipt["odd"])
            return None
        if receipt and receipt.get("handed in", "") != handed_in.hexdigest():
            self.again.add(student)
        kept = {"digest": digest, "handed in": handed_in.hexdigest(), "odd": odd}
        size = sum(len(content or b"") for content in files.values())
        self._bytes += size
        future = pool.submit(
            worker.grade, self._assignment, Submission(student, files), self._unsafe
        )
        return future, student, folder, when, kept, size

    def _finish(self, future, student, folder, when, kept, size, alone):
        """Record a graded submission; return 1, or 0 if it is to be tried again."""
        self._bytes -= size
        try:
            graded = self._graded(future, student, folder, alone)
            if graded is None:
                return 0
            kept["odd"] += graded.odd
            kept |= {"seconds": round(graded.seconds, 2), "waits": graded.waits}
            kept["bounds"] = graded.bounds
            self._record(student, graded, when, kept)
        except SandboxError as error:
            raise CannotGradeError(str(error)) from error
        except NotGradedError as error:
            self.failed[student] = shown(error, _LONGEST)
        except Exception as error:
            if cause := behind(error, SQLAlchemyError):
                raise cause from error  # nbgrader makes another error of it
            if stops_all(error):
                raise
            # It concerns this student alone.
            self.failed[student] = shown(f"{type(error).__name__}: {one_line(error)}", _LONGEST)
        else:
            self._note(student, kept["odd"])
        return 1

    def _graded(self, future, student, folder, alone) -> Graded | None:
        """Return the marks, None if they are worked out again when the machine has time."""
        try:
            graded = future.result()
        except worker.LostError as error:
            if not alone:
                self._alone[student] = folder
                return None
            return lost(self._assignment, str(error))
        if not graded.late:
            return graded
        if alone:
            raise NotGradedError(
                "this machine was too busy for it, twice. Grade again when less is running: "
                "the same command goes on from here"
            )
        self._alone[student] = folder
        return None

    def _note(self, student, odd):
        if odd:
            self.odd[student] = odd

    def _folder(self, student):
        directory = self._coursedir.autograded_directory
        return Path(self._coursedir.format_path(directory, student, self._assignment.name))

    def _receipt(self, student):
        if student not in self._recorded:  # another gradebook, or an emptied one
            return {}
        try:
            return json.loads(self._folder(student).joinpath(RECEIPT).read_text())
        except (OSError, ValueError):
            return {}

    def _record(self, student, graded, when, receipt):
        new, old, folder = self._scratch / "new", self._scratch / "old", self._folder(student)
        shutil.rmtree(new, ignore_errors=True)  # of one that could not be recorded
        graded.files[RECEIPT] = json.dumps(receipt).encode()
        for name, content in graded.files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o664 if self._coursedir.groupshared else 0o444)
        self._writer.record(student, graded, when, self._until.get(student))
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _time(files) -> datetime | None:
    """Return when a submission was handed in, if it says so."""
    text = (files.get("timestamp.txt") or b"").decode("utf-8", "replace").strip()
    try:
        return parse(text) if text else None
    except TimeError as error:
        raise NotGradedError(f"timestamp.txt: {error}") from error
