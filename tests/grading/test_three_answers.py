"""Marked, waiting, or not graded: what fails on the grader's side is never a 0."""

import dataclasses
import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_grade.box.sandbox import SandboxError
from lstm_grade.run import folder
from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.worker import LostError

RIGHT = "30 / 32, to grade by hand: answer (2)"
LOST = LostError("the process that grades was lost (it ended without a word)")

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")


def late(graded):
    return dataclasses.replace(graded, late=True)


def points(here):
    return here.course.scores() if here.path.joinpath("gradebook.db").exists() else {}


def test_a_busy_machine_is_asked_again_when_all_others_are_done(here):
    here.submit("ada")
    here.submit("bert")
    here.inline.happens = {"ada": [late]}
    assert here.grade()
    assert here.line("ada") == here.line("bert") == RIGHT


def test_a_busy_machine_is_no_mark(here):
    here.submit("ada")
    here.submit("bert")
    here.inline.happens = {"ada": [late, late]}
    assert not here.grade()
    assert here.line("ada").startswith("not graded: this machine was too busy for it, twice.")
    assert here.line("bert") == RIGHT
    assert points(here).keys() == {"bert"}
    assert not here.path.joinpath("autograded/ada").exists()
    assert here.grade()
    assert here.line("ada") == RIGHT


def test_a_lost_process_is_replaced(here):
    here.submit("ada")
    here.inline.happens = {"ada": [LOST]}
    assert here.grade()
    assert here.line("ada") == RIGHT


def test_who_ends_the_process_twice_gets_nothing_and_nobody_else_notices(here):
    here.submit("ada")
    here.submit("bert")
    here.inline.happens = {"ada": [LOST, LOST]}
    assert here.grade()
    assert here.line("ada") == "0 / 32"
    assert here.line("bert") == RIGHT
    assert "it ended the process that grades, twice: 0 points" in here.said
    assert set(points(here)["ada"].values()) == {0}


@pytest.mark.parametrize("function", ["open", "scandir"])
def test_what_cannot_be_read_is_not_graded(here, monkeypatch, function):
    here.submit("ada")
    here.submit("bert")
    whole = getattr(os, function)

    def broken(path, *arguments, **options):
        if "ada/gates" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return whole(path, *arguments, **options)

    monkeypatch.setattr(folder.os, function, broken)
    assert not here.grade()
    assert here.line("ada").startswith("not graded: submitted/ada/gates")
    assert here.line("ada").endswith("cannot be read: Permission denied")
    assert here.line("bert") == RIGHT
    assert points(here).keys() == {"bert"}
    monkeypatch.undo()


def test_a_folder_that_nobody_may_enter_is_named(new_course, sandboxed):
    """As a user without rights: root reads everything."""
    course = new_course()
    course.submit("ada")
    course.submit("bert")
    course.path.joinpath("submitted/ada").chmod(0)
    command = [sys.executable, "-m", "lstm_grade", "autograde", "gates"]
    if os.getuid() == 0:
        subprocess.run(["chmod", "a+rx", course.path.parent, course.path.parent.parent], check=True)
        subprocess.run(["chown", "-R", "65534", course.path], check=True)
        keep = f"PATH={os.environ['PATH']}"
        command = ["setpriv", "--reuid", "65534", "--clear-groups", "env", keep, *command]
        done = subprocess.run([*command[:-4], "-c", "import nbgrader"], cwd=course.path)
        if done.returncode:
            pytest.skip("a user without rights cannot read this interpreter")
    done = subprocess.run(command, cwd=course.path, env=course.env, text=True, capture_output=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ada   not graded: submitted/ada/gates cannot be read: Permission denied" in done.stdout
    assert f"bert  {RIGHT}" in done.stdout


def test_earlier_marks_stay(here, monkeypatch):
    path = here.submit("ada")
    assert here.grade()
    path.with_name("timestamp.txt").write_text("2026-11-20 18:00 PST")
    assert not here.grade()
    assert "PST is not one time zone" in here.line("ada")
    assert here.line("ada").endswith(f"(as before: {RIGHT})")


@pytest.mark.parametrize("time", ["2026-11-20 9:30 PM", "2026-11-20 18:00 PST", "2026-11-20 18:00"])
def test_a_time_that_can_mean_another_is_refused(here, time):
    here.submit("ada").with_name("timestamp.txt").write_text(time)
    assert not here.grade()
    assert here.line("ada").startswith("not graded: timestamp.txt: ")
    assert "write it as 2026-11-20 18:00 Europe/Berlin" in here.line("ada")
    assert points(here) == {}


# --- what would fail for everybody ------------------------------------------


def stopped(here):
    with pytest.raises(CannotGradeError) as caught:
        here.grade()
    return str(caught.value)


def test_no_sandbox(here):
    here.submit("ada")
    here.inline.happens = {"ada": [SandboxError("bubblewrap is not installed.")]}
    assert stopped(here) == "bubblewrap is not installed."
    assert points(here) == {}


def test_a_full_disk(here, monkeypatch):
    here.submit("ada")
    here.submit("bert")
    whole, count = Path.write_bytes, []

    def write(path, content):
        if ".unfinished" in str(path) and (count.append(path) or len(count) > 3):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", write)
    said = stopped(here)
    assert said.startswith("the disk is full (autograded/.unfinished/new")
    assert "the same command goes on from here" in said
    (first,) = points(here)
    (second,) = {"ada", "bert"} - {first}
    monkeypatch.setattr(Path, "write_bytes", whole)
    assert here.grade()
    assert here.line(first) == f"{RIGHT}; graded before"
    assert here.line(second) == RIGHT


def test_a_file_that_is_no_gradebook(here):
    here.submit("ada")
    here.path.joinpath("gradebook.db").write_text("name,points\nada,30\n" * 100)
    said = stopped(here)
    assert said.startswith("the gradebook gradebook.db is not a gradebook, nor any SQLite database")
    assert here.path.joinpath("gradebook.db").read_text().startswith("name,points")


def test_a_damaged_gradebook(here):
    here.submit("ada")
    here.grade()
    content = here.path.joinpath("gradebook.db").read_bytes()
    here.path.joinpath("gradebook.db").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert stopped(here).startswith("the gradebook gradebook.db is damaged.")


def test_a_gradebook_of_another_version(here):
    here.submit("ada")
    here.grade()
    with sqlite3.connect(here.path / "gradebook.db") as database:
        database.execute("ALTER TABLE grade RENAME COLUMN extra_credit TO bonus")
    assert "was made by another version of nbgrader" in stopped(here)
    assert "nbgrader db upgrade" in stopped(here)


def test_a_locked_gradebook(here):
    here.submit("ada")
    here.grade()
    before = points(here)
    other = sqlite3.connect(here.path / "gradebook.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    said = stopped(here)
    other.close()
    assert said.startswith("the gradebook gradebook.db is locked: another program is writing")
    assert points(here) == before


def test_a_gradebook_that_is_locked_while_grading(here):
    here.submit("ada")
    here.submit("bert")
    others = []

    def lock(graded):
        others.append(sqlite3.connect(here.path / "gradebook.db", isolation_level=None))
        others[0].execute("BEGIN IMMEDIATE")
        return graded

    here.inline.happens = {"ada": [lock]}
    said = stopped(here)
    others[0].close()
    assert "is locked" in said
    assert here.grade()
    assert here.line("ada") == here.line("bert") == RIGHT


def test_a_server_that_does_not_answer(here):
    """The password in the address is nobody's to read."""
    here.submit("ada")
    config = here.path / "nbgrader_config.py"
    url = "postgresql://me:secret@127.0.0.1:9/course"
    config.write_text(config.read_text() + f"c.CourseDirectory.db_url = {url!r}\n")
    said = stopped(here)
    assert said.startswith("the gradebook postgresql://me:***@127.0.0.1:9/course does not answer.")
    assert "secret" not in said


def test_wrong_extensions_are_not_passed_over(here):
    here.submit("ada")
    extensions = here.path / "extensions.csv"
    extensions.write_text("assignment,student,until\ngates,ada,2026-11-20 18:00 PST\n")
    assert stopped(here).startswith("extensions.csv, line 2: PST is not one time zone")
    extensions.write_text("student;until\nada;2026-11-20 18:00 UTC\n")
    assert stopped(here).startswith("extensions.csv has no column assignment")


@pytest.mark.long
def test_solutions_keep_full_marks_on_a_busy_machine(new_course, sandboxed):
    """Eight loops beside them, on all cores."""
    course = new_course()
    solutions = sorted(path.stem for path in course.path.glob("solutions/*/*.ipynb"))
    for slug in solutions:
        course.submit("ada", slug=slug)
    loop = [sys.executable, "-c", "while True: pass"]
    loops = [subprocess.Popen(loop) for _ in range(8)]
    try:
        for slug in solutions:
            command = [sys.executable, "-m", "lstm_grade", "autograde", slug]
            done = subprocess.run(
                command, cwd=course.path, env=course.env, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        for each in loops:
            each.kill()
            each.wait()
    database = sqlite3.connect(course.path / "gradebook.db")
    found = database.execute(
        """SELECT cell.name, grade.auto_score, most.max_score FROM grade
        JOIN base_cell AS cell ON grade.cell_id = cell.id
        JOIN grade_cells AS most ON most.id = cell.id WHERE most.cell_type = 'code'"""
    ).fetchall()
    database.close()
    assert len(found) > len(solutions)
    assert [row for row in found if row[1] != row[2]] == []
