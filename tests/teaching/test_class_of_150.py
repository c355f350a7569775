"""A class of 150 out of archives of Moodle and Canvas gets the marks that plain folders give."""

import random
import zipfile

import pytest

from tests.conftest import ROOT

FUNCTIONS = (
    *("forget_gate", "input_gate", "candidate", "cell_state", "output_gate", "hidden_state"),
)
WRONG = ("return np.zeros(3)", "return None", "raise ValueError", None, "x = 1 / 0\nreturn x")
FIRST = (
    "Ada",
    "Zoë",
    "Łukasz",
    "D'Arcy",
    "Mu\u0308ge",
    "अदिति",
    "علي",
    "Ming_Li",
    "Jean-Luc",
    "José",
)
LAST = ("Byron", "O'Brien", "de la Cruz", "van der Berg", "Müller", "Nguyễn", "Smith, Jr.", "王")
CLASS = [(FIRST[n % len(FIRST)], LAST[n // len(FIRST) % len(LAST)]) for n in range(150)]


@pytest.fixture(scope="module")
def plain(new_course):
    """Return a course in which each of the class handed in a notebook of its own."""
    course, chance = new_course(), random.Random(3)
    for n in range(len(CLASS)):
        wrong = {name: chance.choice(WRONG) for name in FUNCTIONS if chance.random() < 0.3}
        course.submit(f"s{n:03}", wrong)
    return course


def notebook(plain, n):
    return (plain.path / f"submitted/s{n:03}/gates/gates.ipynb").read_bytes()


def moodle(plain, course):
    """Write Moodle's archive and grading worksheet; return what to collect."""
    rows = ["Identifier,Full name,Username,Email address,Status"]
    with zipfile.ZipFile(course.path / "moodle.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n, (first, last) in enumerate(CLASS):
            # As Moodle cleans a name.
            name = f"{first} {last}".replace("_", " ").replace("'", "")
            folder = f"{name}_{1327000 + n}_assignsubmission_file{'_' * (n % 2)}"
            inside = ("gates.ipynb", "my work/gates (1).ipynb", "final.ipynb")[n % 3]
            archive.writestr(f"{folder}/{inside}", notebook(plain, n))
            archive.writestr(f"__MACOSX/{folder}/._{inside}", b"x")
            full = f"{first} {last}"
            rows.append(f'Participant {1327000 + n},"{full}",s{n:03},s{n:03}@x.org,Submitted')
    (course.path / "Grades.csv").write_text("\ufeff" + "\r\n".join(rows), "utf-8")
    return ["moodle.zip", "Grades.csv"]


def canvas(plain, course):
    """Write Canvas's archive, and put its roster in the gradebook; return what to collect."""
    rows = ["Student,ID,SIS User ID,SIS Login ID,Section", "Points Possible,,,,"]
    with zipfile.ZipFile(course.path / "canvas.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n, (first, last) in enumerate(CLASS):
            # As Canvas cleans a name.
            name = "".join(c for c in f"{last}{first}".lower() if c.isalnum() or c == "_")
            late = "_LATE" * (n % 7 == 0)
            for attempt in range(1 + n % 2):
                suffix = f"-{attempt}" if attempt else ""
                text = notebook(plain, n) if attempt == n % 2 else released()
                file = f"{name}{late}_{4000 + n}_{98000 + 2 * n + attempt}_gates{suffix}.ipynb"
                archive.writestr(file, text)
            rows.append(f'"{last}, {first}",{4000 + n},,s{n:03},A')
    (course.path / "roster.csv").write_text("\n".join(rows), "utf-8")
    done = course.run("lstm_grade", "import-roster", "roster.csv")
    assert done.returncode == 0, done.stderr
    return ["canvas.zip"]


def released():
    return (ROOT / "exercises/gates/gates.ipynb").read_bytes()


def graded(course):
    done = course.run("lstm_grade", "autograde", "gates")
    assert done.returncode == 0, done.stdout + done.stderr
    return course.scores()


@pytest.mark.long
def test_marks_are_those_of_plain_folders(plain, new_course):
    expected = graded(plain)
    assert len(expected) == len(CLASS)
    assert len({tuple(marks.values()) for marks in expected.values()}) > 20
    secret = plain.path.joinpath(".grading-secret").read_bytes()
    for archive in (moodle, canvas):
        course = new_course()
        course.path.joinpath(".grading-secret").write_bytes(secret)
        course.path.joinpath(".grading-secret").chmod(0o600)
        done = course.run("lstm_grade", "collect", "gates", *archive(plain, course))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "gates: 150 new." in done.stdout
        assert graded(course) == expected
