"""What *Teaching* shows is what happens: its commands run in order, and print what stands there."""

import os
import re
import shlex
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT

PAGES = ("teaching", "term", "students-data")
# Others need a screen, the internet, or the folder of the whole course.
RUN = ("python -m lstm_grade", "nbgrader export", "nbgrader generate_feedback", "cat ", "ls feed")
PEOPLE = {"ada": "Ada Byron", "bert": "Bert Brecht", "marie": "Marie Curie"}
PEOPLE |= {"charles": "Charles Darwin"}
FORGOT = {"cell_state": "return f * c_prev"}
LINEAR = {"candidate": "return hx @ W_c.T + b_c"}


def commands(page):
    """Return the commands of a page that can be run here, each with what it prints there."""
    text = ROOT.joinpath("book", f"{page}.md").read_text("utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for shown in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = shown.partition("\n")
            if command.startswith(RUN) and "doctor" not in command:
                yield command, output.rstrip("\n")


@pytest.fixture
def course(new_course):
    """Return a course with what an instructor has downloaded."""
    course, work = new_course(), new_course()
    for who, bodies in {"ada": {}, "bert": FORGOT, "marie": LINEAR, "charles": {}}.items():
        work.submit(who, bodies)
    work.submit("marie again", {})
    inside = {"bert": "gates (1).ipynb", "marie": "my work/gates.ipynb"}
    for archive, marie in (("moodle.zip", "marie"), ("moodle2.zip", "marie again")):
        with zipfile.ZipFile(course.path / archive, "w") as packed:
            for number, who in enumerate(PEOPLE):
                folder = f"{PEOPLE[who]}_{1327627 + number}_assignsubmission_file"
                from_ = marie if who == "marie" else who
                path = work.path / "submitted" / from_ / "gates/gates.ipynb"
                packed.write(path, f"{folder}/{inside.get(who, 'gates.ipynb')}")
                if who == "bert":
                    packed.write(ROOT / "exercises/gates/gates.ipynb", f"{folder}/gates.ipynb")
    late = " - 3 hours 10 mins late - "
    rows = [
        f"Participant {1327627 + n},{PEOPLE[who]},{who},{who}@example.org,"
        f"Submitted for grading{late * (who == 'charles')}"
        for n, who in enumerate(PEOPLE)
    ]
    head = "Identifier,Full name,Username,Email address,Status"
    course.path.joinpath("Grades.csv").write_text("\n".join([head, *rows]) + "\n")
    people = {**PEOPLE, "lise": "Lise Meitner"}
    rows = [f"{name.replace(' ', ',')},{who},{who}@example.org" for who, name in people.items()]
    head = "First name,Last name,Username,Email address"
    course.path.joinpath("participants.csv").write_text("\n".join([head, *rows]) + "\n")
    return course


def to_be_late(course):
    """Do what the page says about late work."""
    text = ROOT.joinpath("book/term.md").read_text("utf-8")
    plugin, setting = re.findall(r"```python\n(.*?)```", text, re.S)[:2]
    course.path.joinpath("late.py").write_text(plugin)
    config = course.path / "nbgrader_config.py"
    config.write_text(config.read_text() + setting)


def by_hand_and_mend(course):
    """Give points as the formgrader does, and make a test worth more."""
    with sqlite3.connect(course.path / "gradebook.db") as database:
        database.execute(
            """UPDATE grade SET manual_score = 1.5, needs_manual_grade = 0 WHERE cell_id IN
            (SELECT id FROM base_cell WHERE name = 'answer')"""
        )
    path = course.path / "solutions/gates/gates.ipynb"
    notebook = nbformat.read(path, 4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "test_hidden_state"]
    cell.metadata.nbgrader.points = 5
    nbformat.write(notebook, path)


@pytest.mark.long
def test_each_command_prints_what_the_page_shows(course):
    before = {("term", 0): to_be_late, ("term", 3): by_hand_and_mend}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    count, env = 0, {**course.env, "PATH": path}
    for page in PAGES:
        for number, (command, output) in enumerate(commands(page)):
            before.get((page, number), lambda _: None)(course)
            done = subprocess.run(
                shlex.split(command),
                **{"cwd": course.path, "env": env, "text": True},
                **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
            )
            assert done.stdout.rstrip("\n") == output, f"{page}: {command}"
            assert done.returncode == 0
            count += 1
    assert count > 15
