"""What a newcomer does: clone, one command, a book. Long: it installs everything again."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.long


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    path = tmp_path_factory.mktemp("fresh") / "course"
    run("git", "clone", "-q", ROOT, path, cwd=ROOT)
    return path


def test_make_book_prints_the_path_of_the_book(clone):
    printed = run("make", "--no-print-directory", "book", cwd=clone)
    path = printed.splitlines()[-1].removeprefix("The book: ")
    assert Path(path).is_relative_to(clone)
    assert Path(path).is_file()


def test_nothing_is_left_lying_around(clone):
    """All that was made is ignored by git."""
    assert run("git", "status", "--porcelain", cwd=clone) == ""


def test_student_without_make(clone, tmp_path):
    """README's student door: a plain venv, no make, no PyTorch."""
    bin = tmp_path / "venv/bin"
    run("python3", "-m", "venv", tmp_path / "venv", cwd=clone)
    packages = ["-c", "constraints.txt", "jupyterlab", "matplotlib", "."]
    run(bin / "python", "-m", "pip", "install", "-q", *packages, cwd=clone)
    notebook = clone / "exercises/gates/gates.ipynb"
    execute = ["nbconvert", "--to", "notebook", "--execute", "--allow-errors"]
    run(bin / "jupyter", *execute, "--output-dir", tmp_path, notebook, cwd=tmp_path)
    executed = (tmp_path / "gates.ipynb").read_text("utf8")
    assert "ModuleNotFoundError" not in executed
    assert "forget_gate is not written yet" in executed  # it is the student's turn
