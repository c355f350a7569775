"""One submission, and what other systems read of it: the schema holds, whatever is handed in."""

import json
import os
from pathlib import Path

import jsonschema
import nbformat
import pytest

from lstm_grade.box.sandbox import SandboxError
from lstm_grade.run import one, worker
from lstm_grade.run.errors import NotGradedError
from lstm_grade.run.submission import answer

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "lstm_grade/run/one.schema.json").read_text())


@pytest.fixture
def grade_one(executor, monkeypatch):
    """Return a function that grades a file here, and checks the schema."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(worker, "grade", lambda told, sub, unsafe: answer(executor, told, sub))

    def grade_one(path, **options):
        result = json.loads(json.dumps(one.grade_one(str(path), **options), allow_nan=False))
        jsonschema.Draft202012Validator(SCHEMA).validate(result)
        return result

    return grade_one


def submission(tmp_path, name="x.ipynb", **sources):
    notebook = nbformat.read(ROOT / "solutions/gates/gates.ipynb", 4)
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, cell.source)
    nbformat.write(notebook, tmp_path / name)
    return tmp_path / name


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_right_one_waits_for_its_written_answer(grade_one, tmp_path):
    result = grade_one(submission(tmp_path))
    assert (result["assignment"], result["status"]) == ("gates", "waiting")
    assert (result["points"], result["max_points"], result["odd"]) == (30, 32, [])
    assert {test["status"] for test in result["tests"][:-1]} == {"passed"}
    assert result["tests"][-1]["name"] == "answer"
    assert result["tests"][-1]["why"] == one.BY_HAND


def test_a_wrong_one_says_why(grade_one, tmp_path):
    result = grade_one(
        submission(tmp_path, candidate="def candidate(hx, W_c, b_c):\n    return hx @ W_c.T + b_c")
    )
    (test,) = [test for test in result["tests"] if test["status"] == "failed"]
    assert (test["name"], test["points"], test["max_points"]) == ("test_candidate", 0, 5)
    assert test["mistake"]["function"] == "candidate"
    assert any(test["mistake"]["message"] in text for text in test["messages"])


def test_an_untouched_one_is_marked(grade_one):
    result = grade_one(ROOT / "exercises/gates/gates.ipynb")
    assert (result["status"], result["points"]) == ("marked", 0)


def test_a_folder(grade_one, tmp_path):
    submission(tmp_path, "gates (1).ipynb")
    result = grade_one(tmp_path)
    assert result["points"] == 30
    assert result["odd"] == ["gates.ipynb was called gates (1).ipynb"]


def test_the_assignment_that_is_said_counts(grade_one):
    """The notebook of another one waits: no test can look at it."""
    result = grade_one(ROOT / "exercises/cell/cell.ipynb", assignment="gates")
    assert (result["status"], result["points"]) == ("waiting", 0)
    assert result["tests"][0]["why"] == "gates.ipynb is the notebook of cell, not of gates"


@pytest.mark.parametrize(
    ("path", "options", "reason"),
    [
        ("no such file", {}, "no such file cannot be read: No such file or directory"),
        ("README.md", {}, "it is of none of the assignments here: "),
        ("README.md", {"assignment": "gate"}, "there is no assignment 'gate' in solutions/"),
    ],
)
def test_what_is_not_graded_says_why(grade_one, path, options, reason):
    result = grade_one(path, **options)
    assert result["status"] == "not graded"
    assert reason in result["reason"]


@pytest.mark.parametrize("error", [SandboxError("no bubblewrap"), NotGradedError("no room")])
def test_what_fails_here_is_no_mark(grade_one, tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(worker, "grade", fail)
    result = grade_one(submission(tmp_path))
    assert (result["status"], result["reason"]) == ("not graded", str(error))
    assert result["points"] is None


def test_lost_twice_gets_nothing(grade_one, tmp_path, monkeypatch):
    def fail(*_):
        raise worker.LostError("the process that grades was lost")

    monkeypatch.setattr(worker, "grade", fail)
    result = grade_one(submission(tmp_path))
    assert (result["status"], result["points"]) == ("marked", 0)
    assert "ended the process that grades, twice" in result["odd"][0]


def test_the_command_says_by_its_exit_status_whether_it_was_graded(new_course, sandboxed):
    course = new_course()
    path = course.submit("ada")
    done = course.run("lstm_grade", "one", os.fspath(path), "--json", "--student", "ada")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    jsonschema.validate(result, SCHEMA)
    assert (result["student"], result["points"]) == ("ada", 30)
    assert {each.name for each in course.path.iterdir()} <= {
        *("solutions", "nbgrader_config.py", "submitted", ".i"),
    }, "nothing is left behind"
    done = course.run("lstm_grade", "one", "nothing.ipynb")
    assert done.returncode == 1
    assert done.stdout == "not graded: nothing.ipynb cannot be read: No such file or directory\n"
