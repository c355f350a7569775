"""Honest submissions get the marks that nbgrader gives, row for row."""

import itertools
import shutil
import sqlite3

import nbformat
import pytest
from nbformat import v4
from nbgrader import utils

from lstm_grade.run.assignment import Cell, Notebook
from lstm_grade.run.errors import NotGradedError
from lstm_grade.run.submission import marks

PLUGIN = """
from nbgrader.plugins import BasePlugin

class TwoPointsAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return None if score == 0 else 2 * total_seconds_late / 3600
"""
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "lstm"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.AssignLatePenalties.plugin_class = "late.TwoPointsAnHour"
import os, sys, warnings
warnings.filterwarnings("ignore", module="nbgrader")
os.environ["PATH"] = os.path.dirname(sys.executable) + ":" + os.environ["PATH"]
"""


def cell(kind, name, source, points=None, **flags):
    """Return a cell with nbgrader's metadata."""
    made = getattr(v4, f"new_{kind}_cell")(source, id=name)
    metadata = {"grade": False, "solution": False, "locked": False, "task": False, **flags}
    if points is not None:
        metadata["points"] = points
    made.metadata.nbgrader = {"schema_version": 3, "grade_id": name, **metadata}
    return made


TEST = {"grade": True, "locked": True}
BY_HAND = {"grade": True, "solution": True}
ONE = [
    v4.new_markdown_cell("# Marks", id="title"),
    cell("code", "setup", "step = 1", locked=True),
    cell(
        "code",
        "increase",
        "def increase(x):\n    ### BEGIN SOLUTION\n    return x + step\n    ### END SOLUTION",
        solution=True,
    ),
    cell("code", "test_increase", "assert increase(1) == 2\nprint('fine')", 3, **TEST),
    cell(
        "code",
        "test_increase_share",
        "### BEGIN HIDDEN TESTS\nright = sum(increase(x) == x + 1 for x in range(4))\n"
        "### END HIDDEN TESTS\nright / 2",
        2,
        **TEST,
    ),
    cell("code", "test_increase_text", "'well done'", 0.5, **TEST),
    cell("code", "test_increase_negative", "-1.0", 1, **TEST),
    cell("code", "sketch", "### BEGIN SOLUTION\nstep\n### END SOLUTION", 4, **BY_HAND),
    cell("markdown", "answer", "### BEGIN SOLUTION\nbecause\n### END SOLUTION", 2, **BY_HAND),
    cell("markdown", "essay", "Write an essay in new cells.", 5, task=True, locked=True),
]
TWO = [
    cell("code", "two", "### BEGIN SOLUTION\ntwo = 2\n### END SOLUTION", solution=True),
    cell("code", "test_two", "assert int(two) == 2", 1, **TEST),
]
# Each student's answers, by cell; others stay as they were released.
RIGHT = {
    "increase": "def increase(x):\n    return x + step",
    "sketch": "print(step)",
    "answer": "Because.",
    "two": "def two_is():\n    return 2\ntwo = two_is()",
}
CLASS = {
    "right": RIGHT,
    "untouched": {},
    "wrong": {**RIGHT, "increase": "def increase(x):\n    return x"},
    "part": {
        "increase": "def increase(x):\n    return x + 1 if x in (0, 2) else 2 * x + 5 * (x == 3)"
    },
    "late": RIGHT,
    "warns": {
        "increase": "import sys\n\n"
        "def increase(x):\n    print(x, file=sys.stderr)\n    return x + step"
    },
}
# The others handed in the first notebook only.
BOTH = ["right", "late"]
HANDED_IN = {"right": "11:59", "late": "14:30"}
ROWS = {
    "grade": """
        SELECT handed_in.student_id, book.name, cell.name, cell.type, auto_score, manual_score,
            extra_credit, needs_manual_grade
        FROM grade AS row JOIN base_cell AS cell ON row.cell_id = cell.id""",
    "comment": """
        SELECT handed_in.student_id, book.name, cell.name, cell.type, auto_comment, manual_comment
        FROM comment AS row JOIN base_cell AS cell ON row.cell_id = cell.id""",
    "notebook": """
        SELECT handed_in.student_id, book.name, handed_in.timestamp, handed_in.extension,
            copy.flagged, copy.late_submission_penalty
        FROM submitted_notebook AS row""",
}


def rows(course, table):
    query = f"""{ROWS[table]}
        JOIN submitted_notebook AS copy
            ON copy.id = {"row.id" if table == "notebook" else "row.notebook_id"}
        JOIN notebook AS book ON copy.notebook_id = book.id
        JOIN submitted_assignment AS handed_in ON copy.assignment_id = handed_in.id
        ORDER BY 1, 2, 3, 4"""
    database = sqlite3.connect(course.path / "gradebook.db")
    found = database.execute(query).fetchall()
    database.close()
    return found


def query(course, statement):
    database = sqlite3.connect(course.path / "gradebook.db")
    database.execute(statement)
    database.commit()
    database.close()


def write(path, cells, **metadata):
    notebook = v4.new_notebook(cells=cells, metadata=metadata)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def hand_in(course, student, answers):
    folder = course.path / "submitted" / student / "marks"
    for name in ["one", "two"] if student in BOTH else ["one"]:
        notebook = nbformat.read(course.path / "exercises" / "marks" / f"{name}.ipynb", 4)
        for each in notebook.cells:
            each.source = answers.get(each.id, each.source)
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    if student in HANDED_IN:
        folder.joinpath("timestamp.txt").write_text(f"2026-03-01 {HANDED_IN[student]}:00 UTC")


@pytest.fixture(scope="module")
def courses(new_course):
    """Return the same class twice: graded by nbgrader alone, and by lstm_grade."""
    stock = new_course()
    shutil.rmtree(stock.path / "solutions")
    source = stock.path / "solutions" / "marks"
    write(source / "one.ipynb", ONE, lstm_grade={"exports": ["increase"]})
    write(source / "two.ipynb", TWO, lstm_grade={"exports": ["two"]})
    stock.path.joinpath("nbgrader_config.py").write_text(CONFIG)
    stock.path.joinpath("late.py").write_text(PLUGIN)
    stock.nbgrader("db", "assignment", "add", "marks", "--duedate", "2026-03-01 12:00:00 UTC")
    stock.nbgrader("generate_assignment", "marks")
    for student, answers in CLASS.items():
        hand_in(stock, student, answers)
    ours = new_course()
    shutil.copytree(stock.path, ours.path, dirs_exist_ok=True)

    stock.nbgrader("autograde", "marks")
    done = ours.run("lstm_grade", "autograde", "marks")
    assert done.returncode == 0, done.stdout + done.stderr
    return stock, ours


@pytest.mark.parametrize("table", ROWS)
def test_rows_are_those_of_nbgrader(courses, table):
    stock, ours = courses
    expected = rows(stock, table)
    assert len(expected) == len(CLASS) * {"grade": 7 + 1, "comment": 4 + 1, "notebook": 2}[table]
    different = set(expected) ^ set(rows(ours, table))
    # The one exception: nbgrader gives no points where a cell wrote to stderr.
    excepted = {("warns", "one", name) for name in ["test_increase", "test_increase_share"]}
    assert {row[:3] for row in different} == (excepted if table == "grade" else set())


def test_marks_are_what_they_should_be(courses):
    """So that the comparison above is not one of two empty tables."""
    grades = {row[0] + " " + row[2]: row[4] for row in rows(courses[1], "grade")}
    assert grades["right test_increase"] == 3
    assert grades["wrong test_increase"] == 0
    assert grades["right test_increase_share"] == 2
    assert grades["part test_increase_share"] == 1.5
    assert grades["right sketch"] is None
    assert grades["untouched sketch"] == 0
    assert grades["wrong test_two"] == 0
    assert grades["warns test_increase"] == 3
    penalties = {row[:2]: row[5] for row in rows(courses[1], "notebook")}
    assert penalties["late", "one"] == 5
    assert penalties["late", "two"] == 1  # no more than its points
    assert penalties["right", "one"] is None


def test_executed_notebooks_hold_what_nbgrader_puts_there(courses):
    stock, ours = courses
    for student, name in itertools.product(CLASS, ["one", "two"]):
        if name == "two" and student not in BOTH:
            continue  # nbgrader writes none; ours says why there is none
        path = f"autograded/{student}/marks/{name}.ipynb"
        theirs = nbformat.read(stock.path / path, 4)
        mine = nbformat.read(ours.path / path, 4)
        nbformat.validate(mine)
        assert mine.metadata.kernelspec == theirs.metadata.kernelspec
        for one, other in zip(mine.cells, theirs.cells, strict=True):
            assert (one.id, one.cell_type, one.source) == (other.id, other.cell_type, other.source)
            assert one.metadata.get("nbgrader") == other.metadata.get("nbgrader")
    missing = ours.path / "autograded/wrong/marks/two.ipynb"
    assert "two.ipynb is missing" in nbformat.read(missing, 4).cells[0].source


def test_points_given_by_hand_stay(courses):
    for course in courses:
        query(course, "UPDATE grade SET manual_score = 1.5, needs_manual_grade = 0")
        query(course, "UPDATE comment SET manual_comment = 'By hand.'")
    stock, ours = courses
    stock.nbgrader("autograde", "marks", "--force", "--student", "right")
    done = ours.run("lstm_grade", "autograde", "marks", "--force", "--student", "right")
    assert done.returncode == 0, done.stderr
    for table in ROWS:
        # nbgrader lets all points wait again, though nothing was handed in anew; and it takes
        # nothing off for new points until they are graded again.
        end = -1 if table == "grade" else None
        found, expected = rows(ours, table), rows(stock, table)
        assert [row[:end] for row in found if row[0] not in ("warns", "late")] == [
            row[:end] for row in expected if row[0] not in ("warns", "late")
        ]
    penalties = {row[1]: row[5] for row in rows(ours, "notebook") if row[0] == "late"}
    assert penalties == {"one": 5, "two": 1.5}
    assert {row[-1] for row in rows(ours, "grade") if row[0] == "right"} == {0}


OUTPUTS = [
    [],
    [v4.new_output("stream", name="stdout", text="fine")],
    [v4.new_output("error", ename="E", evalue="", traceback=[])],
    [v4.new_output("display_data", {"text/plain": "3"})],
    *(
        [v4.new_output("execute_result", {"text/plain": text})]
        for text in ["1.5", "0", "-2", "None", "'1.5'", "np.float64(1.5)", "1e-3", " 2 "]
    ),
    [
        v4.new_output("error", ename="E", evalue="", traceback=[]),
        v4.new_output("execute_result", {"text/plain": "2"}),
    ],
]


def of(made):
    """Return what grading knows of a cell."""
    flags = {name: made.metadata.nbgrader[name] for name in ("grade", "solution", "locked", "task")}
    return Cell(made.cell_type, made.source, made.source, dict(made.metadata.nbgrader), **flags)


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("flags", [TEST, BY_HAND])
@pytest.mark.parametrize("changed", [False, True])
def test_points_of_a_cell_are_those_of_nbgrader(outputs, flags, changed):
    made = cell("code", "test", "1 + 1", 3.0, **flags)
    released = utils.compute_checksum(made)
    made.source += "#" * changed
    made.outputs = outputs
    made.metadata.nbgrader.checksum = released
    notebook = Notebook(b"", {}, {"test": of(made)})
    grades, _, _ = marks(v4.new_notebook(cells=[made]), notebook, {})
    assert grades["test"][0] == utils.determine_grade(made)[0]
    assert grades["test"][1] == (grades["test"][0] is None)


def test_a_number_that_is_none_is_no_mark():
    """For nbgrader it is all points; a submission can cause it."""
    made = cell("code", "test", "1 + 1", 3.0, **TEST)
    made.outputs = [v4.new_output("execute_result", {"text/plain": "nan"})]
    notebook = Notebook(b"", {}, {"test": of(made)})
    grades, _, odd = marks(v4.new_notebook(cells=[made]), notebook, {})
    assert grades == {"test": (0.0, False)}
    assert odd == ["test gave a number that is not finite: 0 points"]


def test_more_points_than_there_are_is_an_error():
    made = cell("code", "test", "2 + 2", 3.0, **TEST)
    made.outputs = [v4.new_output("execute_result", {"text/plain": "4"})]
    with pytest.raises(NotGradedError, match="test has 3 points; its last line gave another"):
        marks(v4.new_notebook(cells=[made]), Notebook(b"", {}, {"test": of(made)}), {})
