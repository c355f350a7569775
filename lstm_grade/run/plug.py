"""nbgrader's own commands and buttons, with one way to grade.

`nbgrader autograde` and the formgrader's button make an object of one class,
whatever the configuration says, so nbgrader_config.py puts ours in its place.
The same for feedback, and for nbgrader's reading of times, which guesses.
"""

import atexit
import functools
import os
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch

import nbgrader.api
import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generatefeedbackapp
import nbgrader.coursedir
import nbgrader.utils
from alembic.script import ScriptDirectory
from nbgrader.converters import Autograde as NbgraderAutograde
from nbgrader.converters import NbGraderException
from nbgrader.dbutil import ALEMBIC_DIR

from lstm_grade.run.assignment import find_source
from lstm_grade.run.classrun import find_folders, grade_class
from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.folder import shown
from lstm_grade.run.pools import Pool
from lstm_grade.run.registered import opened
from lstm_grade.run.times import strict_utc


class Autograde(NbgraderAutograde):
    """Grades as ``python -m lstm_grade autograde`` does; what it prints goes to nbgrader's log."""

    def start(self) -> None:
        """Grade an assignment of one student, or of all."""
        name = self.coursedir.assignment_id
        before = os.getcwd()
        os.chdir(self.coursedir.root)
        try:
            run = grade_class(self, name, self._folders(name), _pool(), force=self.force)
        except CannotGradeError as error:
            self.log.error("Nothing was graded: %s", error)
            raise NbGraderException(str(error)) from error
        finally:
            os.chdir(before)
        for line in "\n".join(run.lines).splitlines():
            self.log.info(line)
        for who, why in run.failed.items():
            self.log.error("%s was not graded: %s", shown(who), why)
        if run.failed:
            raise NbGraderException(f"Not graded: {', '.join(map(shown, run.failed))}")

    def _folders(self, name):
        """Return the folders of those who are asked for; nbgrader takes patterns, too."""
        folders = find_folders(self.coursedir, name)
        find_source(self.coursedir, name)
        asked = self.coursedir.student_id
        if asked in folders:
            folders = {asked: folders[asked]}
        elif asked != "*":
            folders = {who: path for who, path in folders.items() if fnmatch(who, asked)}
            if not folders:
                find_folders(self.coursedir, name, (asked,))
        excluded = self.coursedir.student_id_exclude.split(",")
        folders = {who: path for who, path in folders.items() if who not in excluded}
        if not self.create_student:
            with opened(self.coursedir) as gradebook:
                enrolled = {student.id for student in gradebook.students}
            if unknown := sorted(folders.keys() - enrolled):
                raise CannotGradeError(f"not in the gradebook: {', '.join(map(shown, unknown))}.")
        return folders


@functools.cache
def _pool():
    """Return the one pool of this process: a server grades again and again."""
    cores = len(os.sched_getaffinity(0))
    executor = ThreadPoolExecutor(cores)
    atexit.register(executor.shutdown)
    return Pool(executor, lambda: cores)


def newest() -> str:
    """Return the version of a new gradebook, for which nbgrader starts a program."""
    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    assert head
    return head


def install() -> None:
    """Put ours in the place of nbgrader's."""
    nbgrader.api.get_alembic_version = newest
    nbgrader.apps.autogradeapp.Autograde = nbgrader.apps.api.Autograde = Autograde
    for module in (nbgrader.utils, nbgrader.coursedir, nbgrader.apps.api):
        module.parse_utc = strict_utc
