"""What the part *Teaching* relies on: names of archives, the answer key, the commands it shows."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pytest
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(monkeypatch):
    """Return nbgrader_config.py."""
    monkeypatch.setenv("PATH", "")  # it adds to it
    return PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()


@pytest.mark.parametrize(
    ("path", "student", "file"),
    [
        ("Ada Byron_1327627_assignsubmission_file_/gates.ipynb", "1327627", "gates"),
        ("Ada Byron_1327627_assignsubmission_file_gates.ipynb", "1327627", "gates"),
        ("Bert Brecht_12_assignsubmission_file_/gates (1).ipynb", "12", "gates"),
        ("Ada_Maria Byron_7_assignsubmission_file_/gradient-flow.ipynb", "7", "gradient-flow"),
        ("byronada_4711_98765_gates.ipynb", "4711", "gates"),
        ("byronada_LATE_4711_98765_gates-2.ipynb", "4711", "gates"),
        ("byronada_late_4711_98765_gradient-flow-1.ipynb", "4711", "gradient-flow"),
    ],
)
def test_names_of_moodle_and_canvas(path, student, file, config):
    pattern = config.FileNameCollectorPlugin.named_regexp
    found = re.match(pattern, f"/course/downloaded/gates/extracted/all/{path}")
    assert found["student_id"] == student
    assert found["file_id"] == file


def test_what_the_exchange_needs_goes_with_the_work(config):
    """Without these two in feedback/, `nbgrader release_feedback` stops."""
    ignored = [
        name
        for name in ("timestamp.txt", "submission_secret.txt", "a.txt", "help.txt", "hint.txt")
        if any(fnmatch(name, pattern) for pattern in config.CourseDirectory.ignore)
    ]
    assert ignored == ["a.txt", "help.txt", "hint.txt"]


def test_the_key_has_every_rubric_and_no_code():
    command = [sys.executable, "tools/answer_key.py"]
    key = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assignments = sorted(ROOT.glob("solutions/*/*.ipynb"))
    assert re.findall(r"^## (.*)$", key, re.M) == [path.stem for path in assignments]
    assert key.count("Rubric:") == len(assignments)
    assert "SOLUTION" not in key
    assert "def " not in key
    for path in assignments:
        for cell in nbformat.read(path, 4).cells:
            given = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown" and given.get("grade"):
                (rubric,) = re.findall(r"^- 1 point: (.*)$", cell.source, re.M)[:1]
                assert rubric in key


@pytest.mark.parametrize("page", ["teaching", "term", "plan"])
def test_commands_exist(page):
    text = ROOT.joinpath("book", f"{page}.md").read_text("utf-8")
    makefile = ROOT.joinpath("Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)", " ".join(re.findall(r"`make [^`]*`", text))):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for target in re.findall(r"^\$ make ([a-z-]+)", text, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
    main = ROOT.joinpath("lstm_grade/__main__.py").read_text()
    for command in re.findall(r"python -m lstm_grade (\w+)", text):
        assert f'add_parser("{command}"' in main
