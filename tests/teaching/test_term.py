"""What the part *Teaching* relies on: the exchange, the answer key, the commands it shows."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pytest
from traitlets.config.loader import PyFileConfigLoader

from tests.contents import lessons

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(monkeypatch):
    """Return nbgrader_config.py."""
    monkeypatch.setenv("PATH", "")  # it adds to it
    return PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()


def test_what_the_exchange_needs_goes_with_the_work(config):
    """Without these two in feedback/, `nbgrader release_feedback` stops."""
    ignored = [
        name
        for name in ("timestamp.txt", "submission_secret.txt", "a.txt", "help.txt", "hint.txt")
        if any(fnmatch(name, pattern) for pattern in config.CourseDirectory.ignore)
    ]
    assert ignored == ["a.txt", "help.txt", "hint.txt"]


@pytest.fixture(scope="module")
def key():
    """Return what ``make key`` prints."""
    command = [sys.executable, "tools/answer_key.py"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_key_has_every_rubric_and_no_code(key):
    assignments = sorted(ROOT.glob("solutions/*/*.ipynb"))
    assert re.findall(r"^## (.*), the assignment$", key, re.M) == [p.stem for p in assignments]
    assert key.count("Rubric:") == len(assignments)
    assert "SOLUTION" not in key
    assert "def " not in key
    for path in assignments:
        for cell in nbformat.read(path, 4).cells:
            given = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown" and given.get("grade"):
                (rubric,) = re.findall(r"^- 1 point: (.*)$", cell.source, re.M)[:1]
                assert rubric in key


def test_the_key_has_every_question_of_the_chapters_and_what_a_wrong_answer_shows(key):
    assert re.findall(r"^## (.*), the chapter$", key, re.M) == [Path(p).name for p in lessons()]
    for name in lessons():
        closing = ROOT.joinpath(f"{name}.md").read_text("utf-8").split("\n## Questions\n")[1]
        lines = closing.split("\n## Exercises\n")[0].splitlines()
        asked = [k for k, line in enumerate(lines) if line.startswith(":::{dropdown} ")]
        assert len(asked) >= 5
        for k in asked:
            question, answer = lines[k].removeprefix(":::{dropdown} "), lines[k + 1]
            assert f"### {question}\n\n{answer}\n" in key
    # To teachers only, in comments; and to all readers.
    assert "\nIf 1.2 is said to explode: necessary was read as sufficient.\n" in key
    assert "\n*If you answered 5.0:* the tanh between memory and hidden state is missing.\n" in key
    assert not re.search(r"^(%|:::)", key, re.M)


@pytest.mark.parametrize("page", ["teaching", "term", "bridges", "students-data", "plan"])
def test_commands_exist(page):
    text = ROOT.joinpath("book", f"{page}.md").read_text("utf-8")
    makefile = ROOT.joinpath("Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)", " ".join(re.findall(r"`make [^`]*`", text))):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for target in re.findall(r"^\$ make ([a-z-]+)", text, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
    main = ROOT.joinpath("lstm_grade/__main__.py").read_text()
    for command in re.findall(r"python -m lstm_grade ([\w-]+)", text):
        assert re.search(rf"add_parser\(\s*\"{command}\"", main), command
