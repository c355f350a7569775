"""nbgrader's own commands and the formgrader's button grade as the course's own command does."""

import os
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI

from lstm_grade.run import plug, worker
from lstm_grade.run.course import open_course
from lstm_grade.run.submission import answer
from lstm_grade.run.times import TimeError

RIGHT = "30 / 32, to grade by hand: answer (2)"
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")


@pytest.fixture
def button(here, executor, monkeypatch):
    """Return what the formgrader calls when its button is pressed."""
    monkeypatch.setattr(worker, "grade", lambda told, sub, unsafe: answer(executor, told, sub))
    api = NbGraderAPI(open_course().coursedir, parent=open_course())
    yield lambda student: api.autograde("gates", student)
    plug._pool().executor.shutdown()
    plug._pool.cache_clear()


def test_the_button_grades_what_nbgrader_alone_cannot_read(here, button):
    path = here.submit("ada")
    path.rename(path.with_name("gates (1).ipynb"))
    here.submit("bert")
    done = button("ada")
    assert done["success"], done
    assert f"ada  {RIGHT}" in done["log"]
    assert "gates.ipynb was called gates (1).ipynb: ada" in done["log"]
    assert here.course.scores().keys() == {"ada"}
    assert button("bert")["success"]
    assert here.course.scores()["ada"] == here.course.scores()["bert"]


def test_the_button_says_why_nothing_was_graded(here, button):
    here.submit("ada").with_name("timestamp.txt").write_text("2026-11-20 18:00 PST")
    done = button("ada")
    assert not done["success"]
    assert "ada was not graded: timestamp.txt: PST is not one time zone" in done["log"]
    done = button("nobody")
    assert not done["success"]
    assert "Nothing was graded: nobody handed in nothing" in done["log"]


def test_nbgraders_command_takes_patterns_and_says_who_was_not_graded(here):
    here.submit("ada1")
    here.submit("ada2").with_name("timestamp.txt").write_text("yesterday")
    here.submit("bert")
    done = here.course.run("nbgrader", "autograde", "gates", "--student", "ada*")
    assert done.returncode == 1
    assert f"ada1  {RIGHT}" in done.stderr
    assert "ada2 was not graded: timestamp.txt: 'yesterday' is no date and time" in done.stderr
    assert here.course.scores().keys() == {"ada1"}


def test_nbgrader_guesses_no_times(here):
    open_course()  # which reads nbgrader_config.py
    with Gradebook(f"sqlite:///{here.path}/gradebook.db", "lstm") as gradebook:
        made = gradebook.update_or_create_assignment("gates", duedate="2026-11-20 18:00 Asia/Tokyo")
        assert f"{made.duedate:%Y-%m-%d %H:%M}" == "2026-11-20 09:00"
        for time in ("2026-11-20 18:00 PST", "2026-11-20 9:30 PM"):
            with pytest.raises(TimeError):
                gradebook.update_or_create_assignment("gates", duedate=time)


def test_a_new_gradebook_has_the_version_that_nbgrader_gives_it():
    programs = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    asked = "import nbgrader.api; print(nbgrader.api.get_alembic_version())"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", asked],
        env=os.environ | {"PATH": programs},
        capture_output=True,
        text=True,
        check=True,
    )
    assert plug.newest() == said.stdout.strip()
