"""The executor as nbgrader's preprocessor: for `nbgrader autograde` and the formgrader's button."""

import atexit
import functools
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import find_all_files
from traitlets import Bool, Unicode

from lstm_grade.box.seeds import read_secret
from lstm_grade.box.split import Executor, Rules


class SplitExecute(NbGraderPreprocessor):
    """Execute a submission in a sandbox and its tests outside, in place of nbgrader's `Execute`."""

    unsafe = Bool(
        False,
        help="Execute without a sandbox: submissions can then do whatever you can.",
    ).tag(config=True)

    secret_file = Unicode(
        ".grading-secret",
        help="The file with the secret from which each student's seeds come; made on first use.",
    ).tag(config=True)

    def preprocess(self, nb, resources):
        """Return the executed notebook.

        Raises
        ------
        ValueError
            If the tests are not those of the source notebook.
        SandboxError
            If there is no sandbox.
        """
        about = resources["nbgrader"]
        source = self.source(about["assignment"])
        rules = Rules.of(nbformat.read(source / f"{about['notebook']}.ipynb", 4))
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in rules.tests and cell.source != rules.tests[name]:
                raise ValueError(
                    f"The gradebook has another {name} than {source}. Put it there with "
                    f"nbgrader generate_assignment {about['assignment']} and grade again."
                )
        report = executor(self.unsafe).run(
            nb,
            rules,
            student=about["student"],
            assignment=about["assignment"],
            secret=read_secret(self.secret_file),
            files=self.files(source),
        )
        for remark in report.odd:
            self.log.warning("%s: %s", about["student"], remark)
        return report.notebook, resources

    def source(self, assignment):
        """Return the folder of the assignment's source."""
        course = CourseDirectory(parent=self)
        return Path(course.format_path(course.source_directory, ".", assignment))

    def files(self, source):
        """Return the data files that students got with the notebook."""
        ignored = CourseDirectory(parent=self).ignore
        found = sorted(map(Path, find_all_files(str(source), [*ignored, "*.ipynb"])))
        return [(str(path.relative_to(source)), path.read_bytes()) for path in found]


@functools.cache
def executor(unsafe):
    """Return the one executor of this process: nbgrader makes a new preprocessor each time."""
    one = Executor(unsafe)
    atexit.register(one.close)
    return one
