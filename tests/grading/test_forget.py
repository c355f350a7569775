"""Students' data: one person is removed wherever the course keeps something, others stay whole."""

import sqlite3

import pytest

from lstm_grade.run import extensions, kept
from lstm_grade.run.course import open_course
from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.forget import forget
from lstm_grade.run.registered import opened
from lstm_grade.tell.report import report
from lstm_grade.tell.term_report import term_report

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")
# A name that no other text holds.
WHO, NAME, MAIL = "xylander7", "Quirina", "quirina.xylander@example.org"


@pytest.fixture
def term(here):
    """Return a class of two in the middle of a term: marks, reasons, extensions, reports."""
    here.submit("bert", {"cell_state": "return f * c_prev"})
    here.submit(WHO, {"cell_state": f"return f * c_prev  # {MAIL}"})
    with here.course.gradebook() as gradebook:
        gradebook.add_student(WHO, first_name=NAME, last_name="Xylander", email=MAIL)
    for student in ("bert", WHO):
        extensions.add(here.path, "gates", student, "2026-11-27 18:00 UTC", "ill, quite")
    assert here.grade()
    with opened(open_course().coursedir) as gradebook, gradebook.engine.begin() as connection:
        kept.keep_reason(connection, "gates", WHO, "test_cell_state", 0.0, 4.0, f"{NAME} is right")
    for student in ("bert", WHO):
        page = here.path / "feedback" / student / "gates/gates.html"
        page.parent.mkdir(parents=True)
        page.write_text(student)
    report("gates")
    term_report()
    return here


def holds(path, *words):
    """Return the files in which one of the words is, or in whose path."""
    return [
        each.relative_to(path).as_posix()
        for each in sorted(path.rglob("*"))
        if each.is_file()
        and "solutions" not in each.parts
        and any(word in f"{each.relative_to(path)}" or word.encode() in each.read_bytes()
                for word in words)
    ]  # fmt: skip


def marks(here):
    with sqlite3.connect(here.path / "gradebook.db") as database:
        return database.execute(
            """SELECT handed_in.student_id, cell.name, grade.auto_score FROM grade
            JOIN base_cell AS cell ON grade.cell_id = cell.id
            JOIN submitted_notebook AS notebook ON grade.notebook_id = notebook.id
            JOIN submitted_assignment AS handed_in ON notebook.assignment_id = handed_in.id
            WHERE handed_in.student_id = 'bert' ORDER BY cell.name"""
        ).fetchall()


def test_nothing_of_a_person_is_left(term):
    before, files = marks(term), holds(term.path, "bert")
    assert {name.split("/")[0] for name in holds(term.path, WHO, NAME, MAIL)} == {
        *("autograded", "extensions.csv", "feedback", "gradebook.db", "reports", "submitted")
    }
    said = "\n".join(forget(WHO))
    assert holds(term.path, WHO, NAME, MAIL) == []
    assert marks(term) == before
    assert holds(term.path, "bert") == files
    assert extensions.read(term.path).keys() == {("gates", "bert")}
    assert "marks, points by hand and comments in gates" in said
    assert "backups" in said
    assert term.grade()


def test_what_still_names_them_is_said(term):
    term.path.joinpath("students.csv").write_text(f"id,email\nbert,b@x\nq,{MAIL}\n")
    term.path.joinpath("grades.csv").write_text(f"assignment,student_id\ngates,{WHO}\n")
    archive = term.path / "downloaded/gates/archive/moodle.zip"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"PK")
    said = forget(WHO)
    assert "- students.csv, line 3" in said
    assert "- grades.csv, line 2 (export again)" in said
    assert any("downloaded/gates/archive/moodle.zip" in line for line in said)


def test_a_dry_run_removes_nothing(term):
    before = holds(term.path, WHO, NAME, MAIL)
    assert forget(WHO, dry_run=True)[0] == "Would be removed:"
    assert holds(term.path, WHO, NAME, MAIL) == before


def test_a_report_without_names_stays_without(term):
    report("gates", anonymous=True)
    forget(WHO)
    assert holds(term.path / "reports/gates", "bert") == []


def test_the_last_one_takes_the_reports_along(term):
    for student in ("bert", WHO):
        forget(student)
    assert holds(term.path, WHO, NAME, MAIL, "bert") == []
    assert not [path for path in term.path.joinpath("reports").rglob("*") if path.is_file()]


@pytest.mark.parametrize("who", ["nobody", "..", ".", "", "*", "../solutions", "b?rt"])
def test_who_is_nobody_here_costs_nobody_anything(term, who):
    before = holds(term.path, "bert", WHO)
    with pytest.raises(CannotGradeError, match="nobody here is called"):
        forget(who)
    assert holds(term.path, "bert", WHO) == before


def test_a_folder_that_is_a_link_is_taken_away_and_what_it_leads_to_stays(here, tmp_path):
    elsewhere = tmp_path / "kept"
    elsewhere.mkdir()
    elsewhere.joinpath("x").write_text("x")
    here.path.joinpath("submitted").mkdir()
    here.path.joinpath("submitted/ada").symlink_to(elsewhere)
    forget("ada")
    assert not here.path.joinpath("submitted/ada").exists()
    assert elsewhere.joinpath("x").exists()
