"""Every assignment is released whole, clean, and without its answers."""

import ast
import base64
import builtins
import doctest
import re
from pathlib import Path

import nbformat
import pytest

from lstm_check.exercises import MODULES

ROOT = Path(__file__).resolve().parents[1]
SLUGS = sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())


def read(folder, slug):
    return nbformat.read(ROOT / folder / slug / f"{slug}.ipynb", 4)


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def nbgrader(cell, key):
    return cell.metadata.get("nbgrader", {}).get(key)


def fenced(cell):
    """Return the lines of a cell that must not be released."""
    lines = []
    inside = False
    for line in cell.source.splitlines():
        if re.search(r"### (BEGIN|END) ", line):
            inside = "BEGIN" in line
        elif inside and re.search(r"\w", line):
            lines.append(line.strip())
    return lines


def test_exercises_are_what_solutions_generate(new_course):
    course = new_course()
    for name in ["notes.md", "try.py", "grades.db", "old.ipynb~", ".secret", "data.csv", "a.txt"]:
        course.path.joinpath("solutions/gates", name).touch()
    edited = course.path / "exercises" / "gates" / "gates.ipynb"
    edited.parent.mkdir(parents=True)
    edited.write_text("an older version, edited by hand")

    course.nbgrader("generate_assignment", "*", "--no-db")

    assert files(course.path / "exercises") == files(ROOT / "exercises")
    assert not list(course.path.glob("*.db"))


def test_exercises_hold_one_notebook_for_each_assignment():
    assert set(files(ROOT / "exercises")) == {f"{slug}/{slug}.ipynb" for slug in SLUGS}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_answer_is_released(slug):
    released = "\n".join(cell.source for cell in read("exercises", slug).cells)
    secret = [line for cell in read("solutions", slug).cells for line in fenced(cell)]
    graded = [cell for cell in read("solutions", slug).cells if nbgrader(cell, "grade")]
    assert len(secret) >= len(graded) >= 2
    assert [line for line in secret if line in released] == []
    assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN TESTS)|rubric", released, re.IGNORECASE)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("folder", ["solutions", "exercises"])
def test_notebook_is_clean(folder, slug):
    notebook = read(folder, slug)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info == {"name": "python"}
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        assert re.fullmatch("[a-z][a-z_-]+", cell.id), cell.id
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        if "nbgrader" in cell.metadata:
            assert cell.id == nbgrader(cell, "grade_id")
            assert nbgrader(cell, "schema_version") == 3
            # What is neither written nor graded is given: students cannot break it.
            assert nbgrader(cell, "solution") or nbgrader(cell, "locked")


@pytest.mark.parametrize("slug", SLUGS)
def test_pictures_come_with_the_notebook(slug):
    """As PNG: JupyterLab shows no other drawings that are attached."""
    for cell in read("exercises", slug).cells:
        shown = re.findall(r"!\[.+?\]\(attachment:(.+?)\)", cell.source)
        assert set(shown) == set(cell.get("attachments", {}))
        for name in shown:
            image = "".join(cell.attachments[name]["image/png"])
            assert base64.b64decode(image).startswith(b"\x89PNG")
            assert len(image) < 12_000


@pytest.mark.parametrize("slug", SLUGS)
def test_points_are_announced(slug):
    cells = read("exercises", slug).cells
    points = {cell.id: nbgrader(cell, "points") for cell in cells if nbgrader(cell, "grade")}
    assert points == {
        cell.id: nbgrader(cell, "points")
        for cell in read("solutions", slug).cells
        if nbgrader(cell, "grade")
    }
    answers = sum(points.pop(cell.id, 0) for cell in cells if cell.cell_type == "markdown")
    assert re.search(r"worth (\d+) points; .* adds (\d+)", cells[0].source).groups() == (
        str(sum(points.values())),
        str(answers),
    )
    # Each function's points stand in the heading above it.
    above, said = [], {}
    for cell in cells:
        if cell.cell_type == "markdown":
            above += re.findall(r"^## .*\((\d+) points\)$", cell.source, re.MULTILINE)
        if cell.id in read("solutions", slug).metadata.lstm_grade.exports:
            said[cell.id] = int(above[-1])
    for test, number in points.items():
        name = max((name for name in said if test.startswith(f"test_{name}")), key=len)
        said[name] -= number
    assert set(said.values()) == {0}
    assert int(above[-1]) == answers


@pytest.mark.parametrize("slug", SLUGS)
def test_test_cells_need_only_their_imports_and_the_exports(slug):
    notebook = read("solutions", slug)
    needed = set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and nbgrader(cell, "grade"):
            nodes = list(ast.walk(ast.parse(cell.source)))
            names = [node for node in nodes if isinstance(node, ast.Name)]
            made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            made |= {node.name for node in nodes if isinstance(node, ast.alias)}
            needed |= {node.id for node in names} - made - set(dir(builtins))
    assert needed == set(notebook.metadata.lstm_grade.exports)


@pytest.mark.parametrize("slug", SLUGS)
def test_notebook_and_checks_allow_the_same_imports(slug):
    notebook = read("solutions", slug)
    for name in notebook.metadata.lstm_grade.exports:
        assert list(MODULES[name]) == notebook.metadata.lstm_grade.modules
    text = "\n".join(cell.source for cell in read("exercises", slug).cells)
    assert "nothing else will be there" in text


@pytest.mark.parametrize("slug", SLUGS)
def test_docstrings_examples_are_right(slug):
    namespace = {}
    for cell in read("solutions", slug).cells:
        if cell.cell_type == "code" and not nbgrader(cell, "grade"):
            exec(cell.source, namespace)
    exports = read("solutions", slug).metadata.lstm_grade.exports
    for name in exports:
        finder = doctest.DocTestFinder()
        examples = finder.find(namespace[name], name, module=False, globs=namespace)
        result = doctest.DocTestRunner().run(examples[0])
        assert result.attempted > 0, name
        assert result.failed == 0, name
