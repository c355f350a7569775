"""Stopped at any moment, a run goes on where it was: nothing is lost, nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest


def table(course):
    """Return the points of everyone, and the number of rows behind them."""
    scores = course.scores()
    return scores, sum(map(len, scores.values()))


def kill_at_random(course, times, seconds):
    """Kill the command with SIGKILL so many times, then let it finish; return its last run."""
    command = [sys.executable, "-m", "lstm_grade", "autograde", "gates"]
    chance = random.Random(6)
    for _ in range(times):
        running = subprocess.Popen(
            command, cwd=course.path, env=course.env, stdout=-3, stderr=-3, start_new_session=True
        )
        time.sleep(chance.uniform(*seconds))
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    return course.run("lstm_grade", "autograde", "gates")


def check_nothing_lost(course, expected, students, last):
    assert last.returncode == 0, last.stdout + last.stderr
    assert f"{students} of {students} graded" in last.stdout
    scores, count = table(course)
    assert count == students * 7
    assert scores == expected
    assert not course.path.joinpath("autograded", ".unfinished").exists()
    for student in expected:
        path = course.path / "autograded" / student / "gates/gates.ipynb"
        nbformat.validate(nbformat.read(path, 4))


def submit_class(course, students):
    for number in range(students):
        wrong = {"candidate": f"return hx * {number}"} if number % 3 == 0 else None
        course.submit(f"student{number:03}", wrong)
    right = dict.fromkeys(["forget_gate", "input_gate", "candidate", "output_gate"], 5)
    right |= {"cell_state": 6, "hidden_state": 4}
    points = {f"test_{name}": score for name, score in right.items()} | {"answer": None}
    return {
        f"student{number:03}": points | ({"test_candidate": 0} if number % 3 == 0 else {})
        for number in range(students)
    }


def test_killed_and_started_again_nothing_is_lost_nothing_twice(new_course):
    course = new_course()
    expected = submit_class(course, 12)
    last = kill_at_random(course, 3, (2, 6))
    check_nothing_lost(course, expected, 12, last)


@pytest.mark.long
def test_killed_at_ten_random_moments_nothing_is_lost_nothing_twice(new_course):
    course = new_course()
    expected = submit_class(course, 150)
    last = kill_at_random(course, 10, (1, 12))
    check_nothing_lost(course, expected, 150, last)


def test_killed_between_the_gradebook_and_the_folder(new_course, tmp_path):
    """The worst moment: marks are written, the notebook is not."""
    course = new_course()
    expected = submit_class(course, 2)
    tmp_path.joinpath("sitecustomize.py").write_text(
        "import os, pathlib, signal\n"
        "def killed(*args): os.kill(os.getpid(), signal.SIGKILL)\n"
        "import sys\n"
        "if 'autograde' in sys.orig_argv: pathlib.Path.rename = killed\n"
    )
    path = os.pathsep.join([str(tmp_path), course.env.get("PYTHONPATH", str(Path.cwd()))])
    env, course.env = course.env, {**course.env, "PYTHONPATH": path}
    assert course.run("lstm_grade", "autograde", "gates").returncode == -signal.SIGKILL
    course.env = env
    assert len(course.scores()) == 1
    assert course.path.joinpath("autograded/.unfinished/new/gates.ipynb").exists()
    check_nothing_lost(course, expected, 2, course.run("lstm_grade", "autograde", "gates"))


# It takes all the time it may have, in each of its cells: the others are not all there is.
SLOW = "import time\n\ntime.sleep(10**6)"


def test_interrupted_it_says_how_to_go_on(new_course):
    course = new_course()
    expected = submit_class(course, 12)
    path = course.submit("zoe")
    right = path.read_bytes()
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        cell.source = SLOW if cell.cell_type == "code" else cell.source
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "lstm_grade", "autograde", "gates"]
    running = subprocess.Popen(
        command,
        cwd=course.path,
        env=course.env,
        text=True,
        stderr=-1,
        # A shell lets what it starts in the background ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not list(course.path.glob("autograded/*/gates")):
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert said == "Stopped. The same command goes on from here.\n"
    assert not course.path.joinpath("autograded/zoe").exists()
    path.write_bytes(right)
    expected["zoe"] = expected["student001"]
    last = course.run("lstm_grade", "autograde", "gates")
    assert "graded before" in last.stdout
    check_nothing_lost(course, expected, 13, last)
