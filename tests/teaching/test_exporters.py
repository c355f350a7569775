"""Grades for Canvas and Moodle: complete ones as numbers, others never as zeros."""

import csv

import pytest

# What nbgrader does with SQLAlchemy; nothing is wrong.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")


@pytest.fixture(scope="module")
def course(new_course):
    """Return a class: graded, waiting, late, without points, with nothing handed in."""
    course = new_course()
    course.nbgrader("generate_assignment", "gates")
    with course.gradebook() as gradebook:
        gradebook.add_student("1234", first_name="Ada", last_name="Löve, Lace", email="a@x.org")
        gradebook.add_student("bert", lms_user_id="77")
        gradebook.add_student("cleo")
        gradebook.add_student("none")
        gradebook.add_student("zero")
        for student in ("1234", "bert", "cleo", "zero"):
            submission = gradebook.add_submission("gates", student)
            (notebook,) = submission.notebooks
            for grade in notebook.grades:
                grade.auto_score = 0 if student == "zero" else grade.max_score
                grade.needs_manual_grade = False
                if grade.name == "answer" and student != "zero":
                    grade.auto_score = None
                    grade.manual_score = 1.5 if student != "cleo" else None
                    grade.needs_manual_grade = student == "cleo"
            if student == "bert":
                notebook.late_submission_penalty = 3
    return course


def export(course, exporter, *options):
    return course.nbgrader("export", f"--exporter=lstm_grade.tell.exporters.{exporter}", *options)


def table(course, name):
    with course.path.joinpath(name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_canvas(course):
    said = export(course, "Canvas")
    head, possible, *rows = table(course, "grades-canvas.csv")
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "gates"]
    assert possible == ["Points Possible", "", "", "", "", "32"]
    assert sorted(rows) == [
        ["Löve, Lace, Ada", "1234", "", "", "", "31.5"],
        ["bert", "77", "", "bert", "", "28.5"],
        ["zero", "", "", "zero", "", "0"],
    ]
    assert table(course, "grades-canvas-waiting.csv") == [
        ["assignment", "student"],
        ["gates", "cleo"],
    ]
    assert "Grades left out, as answers wait to be graded by hand: 1." in said


def test_moodle(course):
    export(course, "Moodle", "--to=m.csv")
    head, *rows = table(course, "m.csv")
    assert head == ["Student", "First name", "Last name", "Email address", "gates"]
    assert sorted(rows) == [
        ["1234", "Ada", "Löve, Lace", "a@x.org", "31.5"],
        ["bert", "", "", "", "28.5"],
        ["zero", "", "", "", "0"],
    ]
    assert table(course, "m-waiting.csv")[1:] == [["gates", "cleo"]]
    # Nobody of these waits: the old list of those who do goes.
    export(course, "Moodle", "--to=m.csv", '--student=["bert"]')
    assert [row[0] for row in table(course, "m.csv")] == ["Student", "bert"]
    assert not course.path.joinpath("m-waiting.csv").exists()


def test_unknown_names_are_said(course):
    done = course.run(
        "nbgrader", "export", "--exporter=lstm_grade.tell.exporters.Canvas", '--assignment=["nope"]'
    )
    assert done.returncode != 0
    assert "no assignment nope" in done.stdout + done.stderr
