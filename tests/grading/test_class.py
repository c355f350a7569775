"""A class at once: everyone is graded, odd things are said, nothing is half-written."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import nbformat
import pytest

RIGHT = "30 / 32, to grade by hand: answer (2)"
WAITS = (
    "0 / 32, to grade by hand: answer (2), test_candidate (5), test_cell_state (6), "
    "test_forget_gate (5), test_hidden_state (4), test_input_gate (5), test_output_gate (5)"
)


def lines(result):
    """Return what is said of each student, and the odd things with those they concern."""
    said, *rest = result.stdout.split("\n\n")
    students = dict(re.split(" {2,}", line, maxsplit=1) for line in said.splitlines())
    odd = rest[0].splitlines()[1:] if len(rest) > 1 else []
    return students, dict(line.removeprefix("- ").rsplit(": ", 1) for line in odd)


def change(path, **sources):
    """Change cells of a submission; None deletes one."""
    notebook = nbformat.read(path, 4)
    kept = [cell for cell in notebook.cells if sources.get(cell.id, "") is not None]
    for cell in kept:
        cell.source = sources.get(cell.id, cell.source)
    notebook.cells = kept
    nbformat.write(notebook, path)


def files(course, student="right"):
    """Return what is in a graded folder, but for how long it took."""
    folder = course.path / "autograded" / student / "gates"
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    receipt = json.loads(found[".graded.json"])
    del receipt["seconds"]
    return {**found, ".graded.json": json.dumps(receipt).encode()}


@pytest.fixture(scope="module")
def broken(new_course):
    """Return a class of broken submissions, and what grading it said."""
    course = new_course()
    path = {}
    for student in [
        *("right", "a [b]", "copied", "renamed", "cut", "empty", "huge", "latin", "mark", "other"),
        *(
            "zeros",
            "nothing",
            "link",
            "kernel",
            "no_test",
            "no_answer",
            "tampered",
            "retyped",
            "ünï cöde",
        ),
    ]:
        path[student] = course.submit(student)
    notebook = nbformat.read(path["copied"], 4)
    for name in ["forget_gate", "test_forget_gate"]:
        at = [cell.id for cell in notebook.cells].index(name)
        copied = nbformat.from_dict({**notebook.cells[at], "id": f"{name}-copy"})
        copied.source += "\nraise SystemExit"
        notebook.cells.insert(at, copied)
    nbformat.write(notebook, path["copied"])
    path["renamed"].rename(path["renamed"].with_name("gates (1).ipynb"))
    content = path["cut"].read_bytes()
    path["cut"].write_bytes(content[: content.index(b'"id": "about-hidden-state"')])
    path["empty"].write_bytes(b"")
    notebook = nbformat.read(path["huge"], 4)
    notebook.cells[0].source += "x" * 17 * 2**20
    nbformat.write(notebook, path["huge"])
    os.truncate(path["zeros"], 100 * 2**20)
    change(path["latin"], answer="Schöne Grüße")
    path["latin"].write_bytes(path["latin"].read_text().encode("latin-1", "replace"))
    path["mark"].write_text(path["mark"].read_text(), encoding="utf-8-sig")
    path["other"].write_text('{"some": "json"}')
    path["nothing"].unlink()
    path["link"].unlink()
    path["link"].symlink_to(course.path / "solutions" / "gates" / "gates.ipynb")
    notebook = nbformat.read(path["kernel"], 4)
    notebook.metadata.kernelspec = {"name": "julia", "display_name": "Julia"}
    nbformat.write(notebook, path["kernel"])
    change(path["no_test"], test_cell_state=None)
    change(path["no_answer"], answer=None, candidate=None)
    change(path["tampered"], test_candidate="print('all is well')")
    notebook = nbformat.read(path["retyped"], 4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "test_cell_state"]
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    nbformat.write(notebook, path["retyped"])
    return course, course.run("lstm_grade", "autograde", "gates")


def test_everyone_is_graded_as_far_as_it_can_be(broken):
    _, result = broken
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    said, _ = lines(result)
    nothing = ["empty", "nothing", "link"]
    assert {student: said.pop(student) for student in nothing} == dict.fromkeys(nothing, "0 / 32")
    # They wrote something, and no test can look at it: a person has to.
    unread = ["huge", "other"]
    assert {student: said.pop(student) for student in unread} == dict.fromkeys(unread, WAITS)
    lost = "26 / 32, to grade by hand: answer (2), test_hidden_state (4)"
    assert said.pop("cut") == lost
    assert said.pop("no_answer") == "25 / 32"
    assert said == dict.fromkeys(said, RIGHT)
    assert len(said) == 12
    assert result.stdout.endswith("\ngates: 19 of 19 graded.\n")


def test_what_was_odd_is_said(broken):
    _, odd = lines(broken[1])
    cut = odd.pop(next(remark for remark in odd if "cut off" in remark))
    assert cut == "cut"
    expected = {
        "gates.ipynb is empty": "empty",
        "gates.ipynb is larger than 16 MB without its outputs": "huge",
        "gates.ipynb is not UTF-8: read as Latin-1": "latin",
        "gates.ipynb starts with a byte order mark: read as utf-8-sig": "mark",
        "gates.ipynb is not a notebook": "other",
        "gates.ipynb is missing": "link, nothing",
        "gates.ipynb is a symbolic link: not followed": "link",
        "gates.ipynb was called gates (1).ipynb": "renamed",
        "cell forget_gate was copied: the last counts": "copied",
        "cell test_forget_gate was copied: the last counts": "copied",
        "cell test_cell_state is missing: put back": "no_test",
        "cell candidate is missing": "no_answer",
        "no function named candidate; did you rename it?": "no_answer",
        "cell answer is missing: put back, 2 points": "cut, no_answer",
        "cell hidden_state is missing": "cut",
        "cell progress is missing: put back": "cut",
        "cell see is missing: put back": "cut",
        "cell test_hidden_state is missing: put back": "cut",
        "cell test_candidate was changed: restored": "tampered",
        "cell test_cell_state was made markdown: restored": "retyped",
        "nbgrader gives no feedback to a folder whose name has *, ? or [": "a [b]",
    }
    assert odd == expected


def test_a_deleted_test_runs_all_the_same(broken):
    scores = broken[0].scores()
    assert scores["no_test"]["test_cell_state"] == 6
    assert scores["no_answer"]["answer"] == 0
    assert scores["nothing"] == dict.fromkeys(scores["right"], 0)


def test_kernel_is_the_assignments(broken):
    notebook = nbformat.read(broken[0].path / "autograded/kernel/gates/gates.ipynb", 4)
    assert notebook.metadata.kernelspec.name == "python3"


def test_answers_are_not_read_through_a_link(broken):
    content = b"".join(files(broken[0], "link").values())
    assert b"hx @ W_f.T" not in content


def test_exercises_are_left_alone(broken):
    assert not broken[0].path.joinpath("exercises").exists()


def test_nbgrader_gives_feedback_on_them(broken):
    course, _ = broken
    course.nbgrader("generate_feedback", "gates")
    page = course.path.joinpath("feedback/empty/gates/gates.html").read_text()
    assert "gates.ipynb is empty. It gets 0 points." in page
    assert not list(course.path.glob("feedback/**/.*"))


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_second_run_goes_on_where_the_first_stopped(here):
    here.submit("right")
    half = here.submit("half", {"cell_state": "return f * c_prev"})

    def graded(*students, **options):
        assert here.grade(*students, **options)
        return [here.line(student) for student in students or ("right", "half")]

    lost = RIGHT.replace("30", "24")
    assert graded() == [RIGHT, lost]
    before = files(here)
    assert graded() == [f"{RIGHT}; graded before", f"{lost}; graded before"]

    # Handed in again, with an old date, as unpacked files have.
    change(
        half, cell_state="def cell_state(f, c_prev, i, c_tilde): return f * c_prev + i * c_tilde"
    )
    os.utime(half, (0, 0))
    assert graded() == [f"{RIGHT}; graded before", RIGHT]
    assert graded("right", force=True) == [RIGHT]
    assert files(here) == before

    # A gradebook without it is a reason too.
    here.path.joinpath("gradebook.db").unlink()
    assert graded() == [RIGHT, RIGHT]
    assert files(here) == before

    # And a changed assignment.
    source = here.path / "solutions/gates/gates.ipynb"
    source.write_text(source.read_text().replace('"points": 5', '"points": 6'))
    assert graded() == ["34 / 36, to grade by hand: answer (2)"] * 2


def test_unknown_student_is_said(new_course):
    course = new_course()
    course.submit("right")
    result = course.run("lstm_grade", "autograde", "gates", "--student", "nobody")
    assert result.returncode == 1
    assert "nobody handed in nothing" in result.stderr


def test_what_cannot_be_graded_at_all_is_said(new_course):
    course = new_course()
    nobody = course.run("lstm_grade", "autograde", "gates")
    assert nobody.returncode == 1
    assert nobody.stderr == (
        "Nothing was graded: no submission found. "
        "Put each in submitted/STUDENT/gates/gates.ipynb.\n"
    )
    course.submit("right", slug="gates").parent.rename(course.path / "submitted/right/gate")
    unknown = course.run("lstm_grade", "autograde", "gate")
    assert unknown.returncode == 1
    there = ", ".join(sorted(path.name for path in course.path.joinpath("solutions").iterdir()))
    assert unknown.stderr == (
        f"Nothing was graded: there is no assignment 'gate' in solutions/. There is: {there}.\n"
    )
    source = course.path / "solutions/gates/gates.ipynb"
    source.write_text(source.read_text().replace('"exports"', '"export"'))
    course.path.joinpath("submitted/right/gate").rename(course.path / "submitted/right/gates")
    wrong = course.run("lstm_grade", "autograde", "gates")
    assert wrong.returncode == 1
    assert (
        "solutions/gates says how to grade it, wrongly: lstm_grade: export is unknown"
        in wrong.stderr
    )
    course.path.joinpath("nbgrader_config.py").unlink()
    elsewhere = course.run("lstm_grade", "autograde", "gates")
    assert "go to the course's root" in elsewhere.stderr


def test_one_run_at_a_time(new_course):
    course = new_course()
    course.submit("right")
    scratch = course.path / "autograded" / ".unfinished"
    scratch.mkdir(parents=True)
    lock = os.open(scratch, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    result = course.run("lstm_grade", "autograde", "gates")
    os.close(lock)
    assert result.returncode == 1
    assert "another run is grading here" in result.stderr


def test_progress_is_shown_on_a_terminal(new_course):
    course = new_course()
    course.submit("right")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "lstm_grade", "autograde", "gates"]
    running = subprocess.Popen(command, cwd=course.path, env=course.env, stderr=theirs, stdout=-3)
    os.close(theirs)
    shown = b""
    while running.poll() is None or not shown:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other side is closed
            break
    os.close(ours)
    assert running.wait() == 0
    assert "1/1" in shown.decode()
    assert "failed=0" in shown.decode()
