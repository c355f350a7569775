"""A term from the first archive to the export: no mark is lost, and each change is explained."""

import csv
import io
import re
import sqlite3
import zipfile

import nbformat
import pytest

from lstm_grade.run import term, worker
from lstm_grade.run.collect.command import collect
from lstm_grade.run.submission import answer
from notebooks import work

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")

LATE = """
from nbgrader.plugins import BasePlugin

class OnePointAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 3600
"""
PEOPLE = {"ada": 27, "bert": 28, "cleo": 29, "dora": 30, "emil": 31}
WORKSHEET = "Identifier,Full name,Username,Status\n" + "".join(
    f"Participant {number},{who.title()} X,{who},"
    f"{'Submitted - 3 hours late - ' if who == 'cleo' else 'Submitted for grading'}\n"
    for who, number in PEOPLE.items()
)


FORGOT = {"cell_state": "def cell_state(f, c_prev, i, c_tilde):\n    return f * c_prev"}
LINEAR = {"candidate": "def candidate(hx, W_c, b_c):\n    return hx @ W_c.T + b_c"}


class Term:
    """A course in whose folder this process is, and what was said last."""

    def __init__(self, here, capsys):
        self.here, self.path, self.capsys = here, here.path, capsys

    def collect(self, number, handed_in):
        """Collect an archive of Moodle; return what was said."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for who, notebook in handed_in.items():
                folder = f"{who.title()} X_{PEOPLE[who]}_assignsubmission_file"
                archive.writestr(f"{folder}/gates.ipynb", notebook)
        path = self.path / f"moodle{number}.zip"
        path.write_bytes(content.getvalue())
        assert collect("gates", [str(path), "Grades.csv"])
        return self.capsys.readouterr().out

    def grade(self):
        """Grade; return the marks by student, and those that moved with the reason."""
        assert self.here.grade()
        lines = self.here.said.split("\n\n")[0].splitlines()
        marks = {
            who: re.sub("; graded before$", "", told.strip())
            for who, _, told in (line.partition("  ") for line in lines)
            if who in PEOPLE
        }
        rows = self.here.said.partition("Marks that moved:\n")[2].splitlines()[1:]
        return marks, [re.split(" {2,}", row.strip()) for row in rows]

    def edit(self, change):
        """Change the source of the assignment."""
        path = self.path / "solutions/gates/gates.ipynb"
        notebook = nbformat.read(path, 4)
        change(notebook.cells)
        nbformat.write(notebook, path)

    def by_hand(self, points):
        """Give points for the written answers as the formgrader does."""
        with sqlite3.connect(self.path / "gradebook.db") as database:
            database.execute(
                """UPDATE grade SET manual_score = ?, needs_manual_grade = 0 WHERE cell_id IN
                (SELECT id FROM base_cell WHERE name = 'answer')""",
                [points],
            )


@pytest.fixture
def course(here, executor, monkeypatch, capsys):
    here.path.joinpath("late_rule.py").write_text(LATE)
    monkeypatch.syspath_prepend(str(here.path))
    config = here.path / "nbgrader_config.py"
    rule = "c.AssignLatePenalties.plugin_class = 'late_rule.OnePointAnHour'\n"
    config.write_text(config.read_text() + rule)
    here.path.joinpath("Grades.csv").write_text(WORKSHEET)
    monkeypatch.setattr(worker, "grade", lambda told, sub, unsafe: answer(executor, told, sub))
    return Term(here, capsys)


def test_a_term(course):
    # An archive, a due date, marks.
    term.due("gates", "2026-11-20 18:00 Europe/Berlin")
    first = {"ada": work(), "bert": work(FORGOT), "cleo": work(), "dora": work(LINEAR)}
    assert "gates: 4 new." in course.collect(1, first)
    waits = ", to grade by hand: answer (2)"
    marks, moved = course.grade()
    late = "taken off: late"
    assert marks == {
        "ada": f"30 / 32{waits}",
        "bert": f"24 / 32{waits}",
        "cleo": f"27 / 32, 3 {late}{waits}",
        "dora": f"25 / 32{waits}",
    }
    assert moved == []

    # The written answers, by hand.
    course.by_hand(1.5)
    marks, _ = course.grade()
    assert marks == {
        **{"ada": "31.5 / 32", "bert": "25.5 / 32"},
        **{"cleo": f"28.5 / 32, 3 {late}", "dora": "26.5 / 32"},
    }

    # A test is worth more.
    def more(cells):
        (cell,) = [cell for cell in cells if cell.id == "test_hidden_state"]
        cell.metadata.nbgrader.points = 5

    course.edit(more)
    marks, moved = course.grade()
    assert marks == {
        **{"ada": "32.5 / 33", "bert": "26.5 / 33"},
        **{"cleo": f"29.5 / 33, 3 {late}", "dora": "27.5 / 33"},
    }
    why = "is worth 5 points, not 4"
    assert moved == [[who, "test_hidden_state", "4", "5", why] for who in marks]

    # Somebody was ill, somebody is right.
    assert "cleo: 32.5 / 33" in term.extend(
        "gates", "cleo", "2026-11-20 22:00 Europe/Berlin", reason="ill"
    )
    options = {"student": "bert", "test": "test_cell_state", "points": 4.0}
    assert "0 before, 4 now" in term.regrade("gates", reason="A slip.", **options)

    # A test is taken out.
    course.edit(lambda cells: cells.remove(next(c for c in cells if c.id == "test_candidate")))
    marks, moved = course.grade()
    assert marks == dict.fromkeys(("ada", "cleo", "dora"), "27.5 / 28") | {"bert": "25.5 / 28"}
    assert moved == [
        [who, "test_candidate", "0" if who == "dora" else "5", "gone", "is gone: 5 points"]
        for who in sorted(marks)
    ]

    # A second archive: one again, with another answer, and one more.
    again = {**first, "dora": work({"answer": "I thought again."}), "emil": work(FORGOT)}
    assert "gates: 3 as before, 1 updated, 1 new." in course.collect(2, again)
    marks, moved = course.grade()
    assert marks == {
        **{"ada": "27.5 / 28", "bert": "25.5 / 28", "cleo": "27.5 / 28"},
        **{"dora": f"27.5 / 28{waits}", "emil": f"20 / 28{waits}"},
    }
    assert moved == [["dora", "answer", "1.5", "1.5 waits", "handed in again"]]

    # What is exported is what was said.
    course.here.course.nbgrader("export", "--exporter=lstm_grade.tell.exporters.Moodle")
    with course.path.joinpath("grades-moodle.csv").open(newline="") as file:
        rows = {row["Student"]: row["gates"] for row in csv.DictReader(file)}
    assert rows == {"ada": "27.5", "bert": "25.5", "cleo": "27.5"}
    left_out = course.path.joinpath("grades-moodle-waiting.csv").read_text().split()
    assert left_out == ["assignment,student", "gates,dora", "gates,emil"]
