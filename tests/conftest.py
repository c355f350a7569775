"""What several tests need: the built book, and a copy of the course in which nbgrader may write."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
# What the book is made of: files, and folders with all that is in them.
BOOK = [
    *("_config.yml", "_toc.yml", "book", "lstm_ref", "lstm_book", "exercises"),
    *("benchmarks/results", "tools/slides.py", "tools/built_book.py"),
]
STUB = "# YOUR CODE HERE\n    raise NotImplementedError()"


class Course:
    """The instructor's folder: sources and configuration, no gradebook yet."""

    def __init__(self, path, original=None):
        self.path = path
        if original:
            shutil.copytree(original.path, path, dirs_exist_ok=True)
        else:
            shutil.copytree(ROOT / "solutions", path / "solutions")
            shutil.copy(ROOT / "nbgrader_config.py", path)
        self.env = {**os.environ, "JUPYTER_CONFIG_DIR": str(path), "IPYTHONDIR": str(path / ".i")}

    def run(self, module, *arguments):
        """Run ``python -m module arguments`` there; stdout and stderr come as text."""
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(
            command, cwd=self.path, env=self.env, capture_output=True, text=True, timeout=300
        )

    def nbgrader(self, *arguments):
        """Run an nbgrader command that has to succeed; return what it printed."""
        result = self.run("nbgrader", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def submit(self, student, bodies=None, slug="gates"):
        """Hand in right answers, except for `bodies`: by function, code or None for the stub."""
        notebook = nbformat.read(ROOT / "exercises" / slug / f"{slug}.ipynb", 4)
        solution = nbformat.read(ROOT / "solutions" / slug / f"{slug}.ipynb", 4)
        right = {cell.id: cell.source for cell in solution.cells}
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                body = (bodies or {}).get(cell.id, right[cell.id])
                if body == right[cell.id]:
                    cell.source = body
                elif body is not None:
                    cell.source = cell.source.replace(STUB, body.replace("\n", "\n    "))
        path = self.path / "submitted" / student / slug / f"{slug}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        return path

    def limit(self, slug="gates", **limits):
        """Let submissions have less than they usually do: some wait for the end of their time."""
        path = self.path / "solutions" / slug / f"{slug}.ipynb"
        notebook = nbformat.read(path, 4)
        notebook.metadata.lstm_grade["limits"] = limits
        nbformat.write(notebook, path)

    @contextlib.contextmanager
    def gradebook(self):
        """Open the gradebook; what is done to it is kept."""
        from nbgrader.api import Gradebook  # slow: not for tests that grade nobody

        with pytest.MonkeyPatch.context() as patch:  # a new one is made by Alembic
            patch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)
            with Gradebook(f"sqlite:///{self.path}/gradebook.db", "lstm") as gradebook:
                yield gradebook
                gradebook.db.commit()

    def scores(self):
        """Return the automatic scores as {student: {grade_id: points or None}}."""
        query = """
            SELECT handed_in.student_id, cell.name, grade.auto_score FROM grade
            JOIN base_cell AS cell ON grade.cell_id = cell.id
            JOIN submitted_notebook AS notebook ON grade.notebook_id = notebook.id
            JOIN submitted_assignment AS handed_in ON notebook.assignment_id = handed_in.id"""
        database = sqlite3.connect(self.path / "gradebook.db")
        scores = {}
        for student, cell, score in database.execute(query):
            scores.setdefault(student, {})[cell] = score
        database.close()
        return scores


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks after that
def pytest_collection_modifyitems(items):
    """Let one process run what shares a module's fixture: each would make its own.

    And let what takes minutes take more of them.
    """
    for item in items:
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1800))
        fixtures = [f for found in item._fixtureinfo.name2fixturedefs.values() for f in found]
        if any(fixture.scope == "module" for fixture in fixtures):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(autouse=True)
def numpy_warns():
    """Begin each test with NumPy's own settings, whatever a test before it has left."""
    np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")


@pytest.fixture(scope="session")
def new_course(tmp_path_factory):
    """Return a function that makes a fresh copy of the course, or a copy of another copy."""
    return lambda original=None: Course(tmp_path_factory.mktemp("course"), original)


@pytest.fixture(scope="session")
def lacking():
    """Return a function that skips what this machine cannot run; in CI, that is a failure."""
    return pytest.fail if os.environ.get("CI") else pytest.skip


def newer(stamp, names):
    """Return one of the course's files that is newer than `stamp`, or None."""
    built = stamp.stat().st_mtime if stamp.exists() else 0
    files = [path for name in names for path in [ROOT / name, *(ROOT / name).rglob("*.*")]]
    files = [path for path in files if path.is_file() and path.suffix != ".pyc"]
    return next((path for path in files if path.stat().st_mtime > built), None)


@pytest.fixture(scope="session")
def built_book():
    """Return the folder of the book's pages. Tests only read it: ``make book`` builds it."""
    source = newer(ROOT / "_build/.book", BOOK)
    assert source is None, f"{source} is newer than the book: make book, or make test"
    return ROOT / "_build/html"
