"""The executor in nbgrader's own commands."""

import shutil
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

from lstm_grade.box.split import Report
from lstm_grade.run.preprocessor import SplitExecute, executor
from tests.grading.conftest import POINTS, SOURCE, points, shown

ROOT = Path(__file__).parents[2]
RESOURCES = {"nbgrader": {"student": "ada", "assignment": "gates", "notebook": "gates"}}


@pytest.fixture
def preprocess(sandboxed, tmp_path, monkeypatch):
    """Return the preprocessor as nbgrader makes it, in the course's folder."""
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    (tmp_path / "solutions/gates/data.csv").write_text("1,2\n")
    (tmp_path / "solutions/gates/notes.md").write_text("not for students")
    monkeypatch.chdir(tmp_path)
    config = Config()
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.ignore = ["*.md"]
    yield SplitExecute(config=config).preprocess
    executor(False).close()


def test_it_executes_a_submission(preprocess, tmp_path):
    submission = nbformat.from_dict(SOURCE)
    submission.cells[3].source += "\nimport os\nprint(os.listdir('.'))"
    notebook, _ = preprocess(submission, RESOURCES)
    report = Report(notebook)
    assert points(report) == POINTS
    assert shown(report, "setup") == "['data.csv']\n"
    assert tmp_path.joinpath(".grading-secret").exists()


def test_tests_that_are_not_those_of_the_source_are_refused(preprocess):
    submission = nbformat.from_dict(SOURCE)
    next(cell for cell in submission.cells if cell.id == "test_candidate").source += "\n"
    with pytest.raises(ValueError, match="nbgrader generate_assignment gates"):
        preprocess(submission, RESOURCES)
