"""Whatever a student hands in: an answer, never an unhandled error, never a mark out of nothing."""

import json
import os
import unicodedata
from pathlib import Path

import nbformat
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from lstm_grade.run.folder import read_folder, without_outputs
from lstm_grade.run.recognise import grade_id
from lstm_grade.run.repair import read_notebook
from lstm_grade.run.submission import Executed, Submission, grade
from tests.grading.strategies import FEW, many

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "exercises/gates/gates.ipynb"
CELLS = json.loads(RELEASED.read_bytes())["cells"]
IDS = [cell["id"] for cell in CELLS]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
SOURCES = st.sampled_from(
    [cell["source"] for cell in CELLS]
    + [
        "",
        "def candidate(hx, W, b):\n    return hx",
        "import math",
        "raise SystemExit",
        "%%time\n1",
    ]
    + ["### BEGIN HIDDEN TESTS", "def (", "x = [" + "[" * 300, "\ud800", "candidate = 3"]
) | st.text(max_size=60)
METADATA = st.one_of(
    st.just({}),
    st.builds(
        lambda name, more: {"nbgrader": {"grade_id": name, **more}},
        st.sampled_from([*IDS, "nobody"]) | JSON,
        st.dictionaries(
            st.sampled_from(["grade", "solution", "locked", "points", "checksum", "task"]), JSON
        ),
    ),
    JSON,
)
ONE_CELL = st.one_of(
    st.sampled_from(CELLS),
    st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["code", "markdown", "raw", "lies"]), "source": SOURCES},
        optional={
            "id": st.sampled_from(IDS) | st.text(max_size=10),
            "metadata": METADATA,
            "outputs": JSON,
            "attachments": JSON,
        },
    ),
    JSON,
)
NOTEBOOKS = st.one_of(
    st.builds(
        lambda cells, version, more: {**more, "nbformat": version, "cells": cells},
        st.lists(ONE_CELL, max_size=12) | st.permutations(CELLS),
        st.sampled_from([4, 4, 4, 3, 2, 5, "4", None, 10**30]),
        st.dictionaries(st.sampled_from(["metadata", "worksheets", "nbformat_minor"]), JSON),
    ),
    JSON,
)


@st.composite
def contents(draw):
    """Draw the bytes of a file: a notebook, in some encoding, whole, cut or damaged."""
    text = json.dumps(draw(NOTEBOOKS), ensure_ascii=draw(st.booleans()))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    data = text.encode(encoding, "replace")
    start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
    damage = draw(st.sampled_from(["none", "none", "cut", "lost", "other"]))
    if damage == "cut":
        return data[:start]
    if damage == "lost":
        return data[:start] + data[start + length :]
    return data[:start] + draw(st.binary(max_size=20)) + data[start:] if damage == "other" else data


def nothing_runs(notebook, source, files):
    """Stand in for a sandbox in which each test fails: whatever is handed in earns nothing."""
    executed = nbformat.from_dict(notebook)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs = [v4.new_output("error", ename="E", evalue="", traceback=[])]
    return Executed(executed, [])


def check_bytes(content):
    notebook, odd = read_notebook(content)
    assert notebook is not None or odd
    if notebook is not None:
        nbformat.validate(nbformat.from_dict(notebook))
    without_outputs(content)


def check_marks(files, told):
    graded = grade(told, Submission("ada", files), nothing_runs)
    assert graded.grades["gates"].keys() == set(told.notebooks["gates"].graded)
    assert not any(points for points, _ in graded.grades["gates"].values())
    executed = json.loads(graded.files["gates.ipynb"])
    nbformat.validate(executed)
    # Locked cells hold the instructor's text and no other, each once at most.
    cells = told.notebooks["gates"].cells
    named = [cell for cell in executed["cells"] if grade_id(cell)]
    assert len({grade_id(cell) for cell in named}) == len(named)
    for cell in named:
        if cells[grade_id(cell)].locked:
            assert cell["source"] == cells[grade_id(cell)].source


NAMES = st.sampled_from(
    [
        *("gates.ipynb", "gates (1).ipynb", "cell.ipynb", "x.json", "a/b.ipynb", "g.IPYNB"),
        *(".ipynb_checkpoints/gates-checkpoint.ipynb", "timestamp.txt", "new\nline.py", "a.txt"),
    ]
)


@FEW
@given(contents() | st.binary(max_size=200))
def test_bytes(content):
    check_bytes(content)


@FEW
@given(st.dictionaries(NAMES, contents() | st.none() | st.binary(max_size=50), max_size=4))
def test_marks(assignments, files):
    check_marks(files, assignments("gates"))


FILE_NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
).filter(lambda name: name not in (".", ".."))
ENTRIES = st.dictionaries(
    st.lists(FILE_NAMES | NAMES.map(lambda n: n.replace("/", "_")), min_size=1, max_size=3).map(
        tuple
    ),
    st.binary(max_size=30) | st.sampled_from(["link", "pipe", "folder", "loop"]),
    max_size=6,
)


def make(folder, entries):
    folder.mkdir()
    for parts, what in entries.items():
        path = folder.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(what, bytes):
                path.write_bytes(what)
            elif what == "folder":
                path.mkdir()
            elif what == "pipe":
                os.mkfifo(path)
            else:
                path.symlink_to("/etc/hostname" if what == "link" else path.name)
        except OSError:  # two of them cannot both be there
            continue


def check_folder(tmp_path_factory, entries):
    folder = tmp_path_factory.mktemp("folder") / "gates"
    make(folder, entries)
    files, odd = read_folder(folder, [".*"])
    for name, content in files.items():
        path = folder / name
        assert path.is_file()
        assert not path.is_symlink()
        whole = path.read_bytes()
        if "ipynb" in name.lower():  # without its outputs, and zeros at its end
            whole = without_outputs(whole.rstrip(b"\0"))
        assert content == whole
    # One line each, and no terminal obeys it.
    controls = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not controls & {unicodedata.category(c) for remark in odd for c in remark}


@FEW
@given(ENTRIES)
def test_folders(tmp_path_factory, entries):
    check_folder(tmp_path_factory, entries)


@many
@given(contents() | st.binary(max_size=2000))
def test_bytes_long(content):
    check_bytes(content)


@many
@given(st.dictionaries(NAMES, contents() | st.none() | st.binary(max_size=50), max_size=4))
def test_marks_long(assignments, files):
    check_marks(files, assignments("gates"))


@many
@given(ENTRIES)
def test_folders_long(tmp_path_factory, entries):
    check_folder(tmp_path_factory, entries)
