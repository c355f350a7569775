"""`make new-assignment` begins an assignment that works, and that tests find by themselves."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import new_assignment
import pytest

ROOT = Path(__file__).resolve().parents[1]
CHECK = """
import numpy as np
from lstm_check import CheckError, check

check("gru_by_hand", lambda x_t, h_prev: np.tanh(x_t + h_prev))
try:
    check("gru_by_hand", lambda x_t, h_prev: (x_t + h_prev) ** 2)
except CheckError as error:
    print(error.mistake, "/", error.message)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a copy of the course with one assignment more."""
    root = tmp_path_factory.mktemp("course")
    for name in ["solutions", "exercises", "lstm_check", "lstm_ref", "lstm_grade", "tests", "book"]:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ["_toc.yml", "nbgrader_config.py", "pyproject.toml"]:
        shutil.copy(ROOT / name, root)
    new_assignment.begin(root, "gru-by-hand")
    return root


def run(course, *arguments):
    """Run Python in the copy, with the copy's packages."""
    env = {**os.environ, "PYTHONPATH": str(course), "JUPYTER_CONFIG_DIR": str(course)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=course, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass(course):
    run(course, "-m", "nbgrader", "generate_assignment", "gru-by-hand", "--no-db")
    files = [
        "tests/test_assignments.py",
        "tests/test_assignment_pages.py",
        "tests/test_mistakes.py",
    ]
    said = run(course, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "gru", *files)
    assert int(re.search(r"(\d+) passed", said)[1]) >= 7


def test_a_function_without_known_mistakes_gets_the_general_message(course):
    right, wrong = run(course, "-c", CHECK).splitlines()[:2]
    assert right.startswith("gru_by_hand: correct")
    assert wrong.startswith("values / gru_by_hand: 8 of 8 values are wrong.")


def test_its_page_is_in_the_book(course):
    lines = course.joinpath("_toc.yml").read_text().splitlines()
    at = lines.index("      - file: book/assignments/gru-by-hand")
    assert "book/assignments/" in lines[at - 1]
    assert "```{assignment} gru-by-hand" in (course / "book/assignments/gru-by-hand.md").read_text()


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("GRU 2", "'GRU 2' is no slug: expected lower-case words joined by hyphens"),
        ("../gru", "is no slug"),
        ("gates", "there is solutions/gates/gates.ipynb"),
        ("stack", "a function stack in solutions/cell/cell.ipynb"),
    ],
)
def test_what_cannot_be_begun_changes_nothing(course, slug, said):
    before = {path: path.stat().st_mtime_ns for path in course.rglob("*")}
    with pytest.raises(ValueError, match=said.replace(".", r"\.")):
        new_assignment.begin(course, slug)
    assert {path: path.stat().st_mtime_ns for path in course.rglob("*")} == before
