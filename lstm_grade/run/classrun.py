"""Grade a class: all cores or a cluster at work, one process that writes.

A submission is graded when its folder is in autograded/. It is written beside
it, its marks go into the gradebook in one transaction, and then one renaming
puts it in place. Stopped anywhere before that, the next run grades it again,
with the same marks.
"""

import fcntl
import glob
import hashlib
import json
import os
import shutil
import sys
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from pathlib import Path

from nbgrader.utils import parse_utc
from tqdm import tqdm

from lstm_grade.box.sandbox import SandboxError
from lstm_grade.box.seeds import read_secret
from lstm_grade.run import worker
from lstm_grade.run.gradebook import CannotGradeError, Writer, open_course, register
from lstm_grade.run.preprocessor import SplitExecute
from lstm_grade.run.repair import read_folder, shown
from lstm_grade.run.submission import Submission

# In a folder of autograded/: what it was graded from, the remarks, and how long it took.
RECEIPT = ".graded.json"
# Names that are nobody's work: the editor's copies, Python's caches.
_UNREAD = (".*", "__pycache__")
# Submissions in memory at the same time.
_AT_A_TIME = 16
# Seconds without an answer, after which it is asked whether anyone is left to give one.
_PATIENCE = 15


def autograde(assignment, *, force=False, students=(), scheduler=None, db_url=None, unsafe=False):
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
    folders = _folders(app.coursedir, assignment, students)
    # The pool first: what it forks must hold neither the lock nor the gradebook.
    with _pool(scheduler) as (pool, workers), _only_one_run(app.coursedir) as scratch:
        settings = SplitExecute(parent=app)  # those of nbgrader_config.py
        unsafe = unsafe or settings.unsafe
        task = register(app, assignment, read_secret(settings.secret_file))
        with closing(Writer(app, assignment)) as writer:
            run = _Run(app, task, writer, scratch, force, unsafe)
            run.grade(pool, workers, folders)
            run.report(folders)
    return not run.failed


def _folders(coursedir, assignment, students):
    """Return the folder of each student who handed in."""
    pattern = coursedir.format_path(coursedir.submitted_directory, "*", glob.escape(assignment))
    pattern = os.path.relpath(pattern, coursedir.root)
    paths = [Path(coursedir.root, path) for path in glob.glob(pattern, root_dir=coursedir.root)]
    folders = {path.parent.name: path for path in sorted(paths)}
    expected = Path(coursedir.submitted_directory, "STUDENT", assignment, f"{assignment}.ipynb")
    if not folders:
        raise CannotGradeError(f"no submission found. Put each in {expected}.")
    if missing := [student for student in students if student not in folders]:
        raise CannotGradeError(
            f"{', '.join(map(shown, missing))} handed in nothing: it would be in {expected}."
        )
    return {name: folders[name] for name in students} if students else folders


@contextmanager
def _only_one_run(coursedir):
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
        scratch.rmdir()
    except BlockingIOError as error:
        raise CannotGradeError("another run is grading here. Wait until it is done.") from error
    finally:
        os.close(lock)


@contextmanager
def _pool(scheduler):
    """Return who grades, all cores of this machine or a cluster, and how to count them."""
    if scheduler is None:
        nursery = worker.Nursery()
        cores = len(os.sched_getaffinity(0))
        pool = ThreadPoolExecutor(cores)
        try:
            yield pool, lambda: cores
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            nursery.close(kill=True)
            raise
        pool.shutdown()
        nursery.close()
        return

    from distributed import Client  # only where a cluster is asked for

    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise CannotGradeError(f"no Dask scheduler answers at {scheduler} ({error}).") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=30)
        except TimeoutError as error:
            raise CannotGradeError(
                f"the scheduler at {scheduler} has no workers. Start some: dask worker {scheduler}"
            ) from error
        # A lost worker's submissions go to the others by themselves.
        yield client.get_executor(pure=False), lambda: len(client.scheduler_info()["workers"])


class _Run:
    """One run over the folders of a class."""

    def __init__(self, app, assignment, writer, scratch, force, unsafe):
        self._coursedir = app.coursedir
        self._assignment = assignment
        self._writer = writer
        self._scratch = scratch
        self._force = force
        self._unsafe = unsafe
        self._of_assignment = hashlib.sha256(repr(assignment).encode()).digest()
        self.failed = {}
        self._odd = {}
        self._before = set()
        self._recorded = writer.points().keys()

    def grade(self, pool, workers, folders):
        """Grade what is not graded yet; few are read at a time, however large the class."""
        waiting = iter(folders.items())
        running = {}
        with tqdm(
            total=len(folders), desc=self._assignment.name, unit="", disable=None, file=sys.stderr
        ) as bar:
            while True:
                while len(running) < _AT_A_TIME and (folder := next(waiting, None)):
                    if job := self._start(pool, *folder):
                        running[job[0]] = job[1:]
                    else:
                        bar.update()
                if not running:
                    return
                done, _ = wait(running, _PATIENCE, return_when=FIRST_COMPLETED)
                if not done and not workers():
                    raise CannotGradeError(
                        f"all workers are lost; {bar.n} of {len(folders)} were graded before. "
                        "Start some, and the same command goes on from here."
                    )
                for future in done:
                    self._finish(future, *running.pop(future))
                    bar.set_postfix(odd=len(self._odd), failed=len(self.failed), refresh=False)
                    bar.update()

    def _start(self, pool, student, folder):
        """Hand in a submission to the pool, unless it is graded already."""
        files, odd = read_folder(folder, _UNREAD)
        if set(student) & set("*?["):
            odd.append("nbgrader gives no feedback to a folder whose name has *, ? or [")
        digest = hashlib.sha256(self._of_assignment)
        for name, content in sorted(files.items()):
            digest.update(repr((name, content)).encode())
        digest = digest.hexdigest()
        if not self._force and (receipt := self._receipt(student)).get("digest") == digest:
            self._before.add(student)
            self._note(student, receipt["odd"])
            return None
        timestamp, remarks = _timestamp(files)
        submission = Submission(student, files)
        future = pool.submit(worker.grade, self._assignment, submission, self._unsafe)
        return future, student, digest, timestamp, odd + remarks

    def _finish(self, future, student, digest, timestamp, odd):
        try:
            graded = future.result()
            odd += graded.odd
            receipt = {"digest": digest, "odd": odd, "seconds": round(graded.seconds, 2)}
            self._record(student, graded, timestamp, receipt)
        except SandboxError as error:
            raise CannotGradeError(str(error)) from error
        except Exception as error:  # it concerns this student alone
            self.failed[student] = shown(str(error) or type(error).__name__)
        else:
            self._note(student, odd)

    def _note(self, student, odd):
        if odd:
            self._odd[student] = odd

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

    def _record(self, student, graded, timestamp, receipt):
        new, old, folder = self._scratch / "new", self._scratch / "old", self._folder(student)
        shutil.rmtree(new, ignore_errors=True)  # of one that could not be recorded
        graded.files[RECEIPT] = json.dumps(receipt).encode()
        for name, content in graded.files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o664 if self._coursedir.groupshared else 0o444)
        self._writer.record(student, graded, timestamp)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)

    def report(self, folders):
        """Print one line a student, then what was odd, then how many were graded."""
        points = self._writer.points()
        names = {student: shown(student) for student in folders}
        width = max(map(len, names.values()))
        for student, name in names.items():
            if student in self.failed:
                line = f"not graded: {self.failed[student]}"
            else:
                line = points[student] + "; graded before" * (student in self._before)
            print(f"{name:{width}}  {line}")
        students = {}
        for student in folders:
            for remark in self._odd.get(student, []):
                students.setdefault(remark, []).append(names[student])
        if students:
            print("\nOdd:")
        for remark, who in sorted(students.items()):
            more = f" and {len(who) - 5} more" if len(who) > 5 else ""
            print(f"- {remark}: {', '.join(who[:5])}{more}")
        graded = len(folders) - len(self.failed)
        print(f"\n{self._assignment.name}: {graded} of {len(folders)} graded.", flush=True)


def _timestamp(files):
    """Return when a submission was handed in, as nbgrader keeps it, and remarks."""
    text = (files.get("timestamp.txt") or b"").decode("utf-8", "replace").strip()
    try:
        return (text, []) if text and parse_utc(text) else (None, [])
    except (ValueError, OverflowError):
        return None, [f"timestamp.txt is no date: {shown(text)}"]
