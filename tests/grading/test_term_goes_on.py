"""A term: tests are mended, added and removed, work comes late; no mark is lost or moves unsaid."""

import re
import sqlite3

import nbformat
import pytest
from nbformat import v4

from lstm_grade.run import term, worker
from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.submission import answer

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")
RIGHT = "30 / 32, to grade by hand: answer (2)"
BY_HAND = "31.5 / 32"


def by_hand(here, points=1.5):
    """Give points as the formgrader does."""
    with sqlite3.connect(here.path / "gradebook.db") as database:
        database.execute(
            """UPDATE grade SET manual_score = ?, needs_manual_grade = 0 WHERE cell_id IN
            (SELECT id FROM base_cell WHERE name = 'answer')""",
            [points],
        )


def edit(path, change):
    notebook = nbformat.read(path, 4)
    change({cell.id: cell for cell in notebook.cells}, notebook.cells)
    nbformat.write(notebook, path)


def source(here):
    return here.path / "solutions/gates/gates.ipynb"


def moved(here):
    rows = here.said.partition("Marks that moved:\n")[2].splitlines()[1:]
    return [re.split(" {2,}", row.strip()) for row in rows]


@pytest.fixture
def graded(here):
    """Return a class of two, with points given by hand."""
    here.submit("ada")
    here.submit("bert", {"cell_state": "return f * c_prev"})
    assert here.grade()
    by_hand(here)
    return here


def test_points_by_hand_stay_and_do_not_wait_again(graded):
    assert graded.grade(force=True)
    assert graded.line("ada") == BY_HAND
    assert moved(graded) == []


def test_a_test_is_mended(graded, capsys):
    def more(cells, _):
        cells["test_hidden_state"].metadata.nbgrader.points = 5

    edit(source(graded), more)
    assert graded.grade()
    assert graded.line("ada") == "32.5 / 33"
    assert moved(graded) == [
        [who, "test_hidden_state", "4", "5", "is worth 5 points, not 4"] for who in ("ada", "bert")
    ]
    said = capsys.readouterr().err
    assert "gates has changed since it was graded: test_hidden_state is worth 5 points" in said


def test_a_test_is_added_and_removed_again(graded):
    def add(_, cells):
        new = v4.new_code_cell("assert hidden_state(0.0, 1.0) == 0", id="test_hidden_state_zero")
        new.metadata.nbgrader = {
            **{"grade": True, "grade_id": new.id, "locked": True, "points": 3},
            **{"schema_version": 3, "solution": False, "task": False},
        }
        at = [cell.id for cell in cells].index("test_hidden_state")
        cells.insert(at + 1, new)

    before = source(graded).read_bytes()
    edit(source(graded), add)
    assert graded.grade()
    assert graded.line("ada") == "34.5 / 35"
    assert ["ada", "test_hidden_state_zero", "new", "3", "is new: 3 points"] in moved(graded)
    # The notebooks that were handed in have no such test, and it ran all the same.
    source(graded).write_bytes(before)
    assert graded.grade()
    assert graded.line("ada") == BY_HAND
    assert ["ada", "test_hidden_state_zero", "3", "gone", "is gone: 3 points"] in moved(graded)


def test_a_removed_test_takes_nothing_else_with_it(graded):
    def remove(_, cells):
        cells[:] = [cell for cell in cells if cell.id != "test_candidate"]

    edit(source(graded), remove)
    assert graded.grade()
    assert graded.line("ada") == "26.5 / 27"
    assert graded.line("bert") == "20.5 / 27"
    assert [row[1:4] for row in moved(graded)] == [["test_candidate", "5", "gone"]] * 2


def test_a_text_of_an_earlier_release_is_no_tampering(graded):
    """Only who changed it is said to have."""

    def mend(cells, _):
        cell = cells["test_candidate"]
        cell.source = cell.source.replace("seed=3", "seed=33")

    def tamper(cells, _):
        cells["test_candidate"].source = "print('all is well')"

    edit(source(graded), mend)
    edit(graded.path / "submitted/bert/gates/gates.ipynb", tamper)
    assert graded.grade()
    odd = graded.said.partition("Odd:\n")[2].partition("\n\n")[0]
    assert odd == "- cell test_candidate was changed: restored: bert"


def test_points_by_hand_wait_again_where_the_answer_is_another(graded):
    def change(cells, _):
        cells["answer"].source = "I thought about it again."

    edit(graded.path / "submitted/ada/gates/gates.ipynb", change)
    assert graded.grade()
    assert graded.line("ada") == f"{BY_HAND}, to grade by hand: answer (2)"
    assert graded.line("bert").startswith("25.5 / 32")
    assert moved(graded) == [["ada", "answer", "1.5", "1.5 waits", "handed in again"]]


def test_what_is_graded_by_hand_outlives_the_folder(graded):
    """A cluster that was lost, or autograded/ deleted by hand."""
    import shutil

    shutil.rmtree(graded.path / "autograded")
    assert graded.grade()
    assert graded.line("ada") == BY_HAND


# --- times ------------------------------------------------------------------

LATE = """
from nbgrader.plugins import BasePlugin

class OnePointAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 3600
"""


@pytest.fixture
def late(here, monkeypatch):
    """Return a class in which one is three hours late."""
    here.path.joinpath("late_rule.py").write_text(LATE)
    monkeypatch.syspath_prepend(str(here.path))
    config = here.path / "nbgrader_config.py"
    rule = "c.AssignLatePenalties.plugin_class = 'late_rule.OnePointAnHour'\n"
    config.write_text(config.read_text() + rule)
    stamp = here.submit("ada").with_name("timestamp.txt")
    stamp.write_text("2026-11-20 21:00 Europe/Berlin")
    return here


def test_an_extension_before_the_hand_in(late):
    term.due("gates", "2026-11-20 18:00 Europe/Berlin")
    term.extend("gates", "ada", "2026-11-20 20:00 Europe/Berlin", reason="ill")
    assert late.grade()
    assert late.line("ada") == "29 / 32, 1 taken off: late, to grade by hand: answer (2)"


def test_an_extension_after_the_hand_in(late):
    term.due("gates", "2026-11-20 18:00 Europe/Berlin")
    assert late.grade()
    assert late.line("ada").startswith("27 / 32, 3 taken off: late")
    said = term.extend("gates", "ada", "2026-11-20 22:00 Europe/Berlin")
    assert "ada has time for gates until 2026-11-20 21:00 UTC" in said
    assert f"ada: {RIGHT}" in said
    assert late.grade()
    assert late.line("ada") == f"{RIGHT}; graded before"


@pytest.mark.parametrize(
    "time",
    ["2026-11-20 18:00 PST", "2026-11-20 9:30 PM", "tomorrow", "2026-11-20 18:00 Etc/GMT+1"],
)
def test_times_that_can_mean_others_are_refused(here, time):
    for command in (lambda: term.due("gates", time), lambda: term.extend("gates", "ada", time)):
        with pytest.raises(CannotGradeError, match="2026-11-20 18:00 Europe/Berlin"):
            command()
    assert not here.path.joinpath("extensions.csv").exists()


@pytest.mark.parametrize("student", ["", "..", "a/b", "ada\nbert"])
def test_an_extension_is_for_somebody_who_can_be(here, student):
    with pytest.raises(CannotGradeError, match="is no name for a folder"):
        term.extend("gates", student, "2026-11-20 18:00 UTC")
    assert not here.path.joinpath("extensions.csv").exists()


def test_an_extension_for_a_name_that_nobody_has_is_said(here):
    here.submit("ada")
    assert "is the name right?" in term.extend("gates", "adda", "2026-11-20 18:00 UTC")
    assert "is the name right?" not in term.extend("gates", "ada", "2026-11-20 18:00 UTC")


# --- an appeal --------------------------------------------------------------


@pytest.fixture
def appeal(graded, executor, monkeypatch):
    """Return a function that grades one test again."""
    monkeypatch.setattr(worker, "grade", lambda told, sub, unsafe: answer(executor, told, sub))
    options = {"student": "bert", "test": "test_cell_state", "reason": "It was a slip."}
    return lambda **others: term.regrade("gates", **{**options, **others})


def test_points_after_an_appeal_are_kept_with_their_reason(graded, appeal):
    said = appeal(points=4)
    assert said == "bert, test_cell_state: 0 before, 4 now. It was a slip."
    assert graded.grade(force=True)
    assert graded.line("bert") == "29.5 / 32"
    assert graded.line("ada") == BY_HAND
    with sqlite3.connect(graded.path / "gradebook.db") as database:
        row = "SELECT student, cell, before, after, reason FROM lstm_grade_reason"
        assert database.execute(row).fetchall() == [
            ("bert", "test_cell_state", 0, 4, "It was a slip.")
        ]


def test_one_test_is_graded_again_and_the_others_stay(graded, appeal):
    edit(
        graded.path / "submitted/bert/gates/gates.ipynb",
        lambda cells, _: [
            setattr(
                cells["cell_state"], "source", "def cell_state(f, c, i, g):\n    return f*c+i*g"
            ),
            setattr(cells["candidate"], "source", "def candidate(hx, W, b):\n    return hx"),
        ],
    )
    assert appeal() == "bert, test_cell_state: 0 before, 6 now. It was a slip."
    scores = graded.course.scores()["bert"]
    assert (scores["test_cell_state"], scores["test_candidate"]) == (6, 5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"points": 7}, "has at most 6 points, not 7"),
        ({"points": -1}, "has at most 6 points, not -1"),
        ({"points": float("nan")}, "has at most 6 points, not nan"),
        ({"test": "test_nothing"}, "has no points for 'test_nothing'. It has: test_forget_gate"),
        ({"student": "nobody"}, "nobody handed in nothing"),
        ({"reason": " "}, "not changed without a reason"),
    ],
)
def test_an_appeal_that_cannot_be_is_said(graded, appeal, options, said):
    before = graded.course.scores()
    with pytest.raises(CannotGradeError, match=re.escape(said)):
        appeal(**options)
    assert graded.course.scores() == before


# --- feedback follows -------------------------------------------------------


def test_feedback_is_written_again_where_it_is_stale(graded, appeal):
    page = graded.path / "feedback/bert/gates/gates.html"
    other = graded.path / "feedback/ada/gates/gates.html"
    with sqlite3.connect(graded.path / "gradebook.db") as database:
        database.execute(
            "UPDATE grade SET needs_manual_grade = 1, manual_score = NULL "
            "WHERE cell_id IN (SELECT id FROM base_cell WHERE name = 'answer')"
        )
    graded.course.nbgrader("generate_feedback", "gates")
    assert "not graded yet: answer" in page.read_text()
    assert "not graded yet, of 2.0" in page.read_text()
    assert "Test cell: test_cell_state" in page.read_text()
    appeal(points=4)
    before = other.stat().st_mtime_ns
    graded.course.nbgrader("generate_feedback", "gates")
    assert "0 → 4. It was a slip." in page.read_text()
    assert other.stat().st_mtime_ns == before
    by_hand(graded)
    graded.course.nbgrader("generate_feedback", "gates")
    assert "not graded yet" not in page.read_text() + other.read_text()
