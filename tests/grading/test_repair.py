"""Broken files: each is read as far as it can be, and what was odd is said."""

import json
from pathlib import Path

import nbformat
import pytest

from lstm_grade.run import repair
from lstm_grade.run.recognise import grade_id

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "exercises/gates/gates.ipynb"
IDS = {cell.id for cell in nbformat.read(RELEASED, 4).cells if "nbgrader" in cell.metadata}


@pytest.fixture(scope="module")
def released():
    return json.loads(RELEASED.read_bytes())


def sources(notebook):
    return {grade_id(cell): cell["source"] for cell in notebook["cells"]}


def test_whole_notebook_is_read_as_it_is():
    notebook, odd = repair.read_notebook(RELEASED.read_bytes())
    assert odd == []
    expected = nbformat.read(RELEASED, 4)
    assert [cell["id"] for cell in notebook["cells"]] == [cell.id for cell in expected.cells]
    assert [cell["source"] for cell in notebook["cells"]] == [
        cell.source for cell in expected.cells
    ]
    assert {grade_id(cell) for cell in notebook["cells"]} - {None} == IDS
    nbformat.validate(nbformat.from_dict(notebook))


@pytest.mark.parametrize("content", [b"", b" \r\n", bytes(4096)])
def test_empty(content):
    assert repair.read_notebook(content) == (None, ["is empty"])


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 a zip file",
        b"[1, 2]",
        b'"cells"',
        b'{"some": "json"}',
        b'{"nbformat": 4, "cells": {"0": 1}}',
        b'{"nbformat": "four", "cells": []}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"nbformat": ' + b"9" * 5000 + b"}",
    ],
)
def test_other_files_are_no_notebooks(content):
    notebook, odd = repair.read_notebook(content)
    assert notebook is None
    assert odd[-1] == "is not a notebook"


def test_cut_off_notebook_keeps_its_whole_cells(released):
    content = RELEASED.read_bytes()
    middle = content.index(b'"id": "cell_state"')
    notebook, odd = repair.read_notebook(content[:middle])
    names = [cell["id"] for cell in released["cells"]]
    saved = names[: names.index("cell_state")]
    assert [cell["id"] for cell in notebook["cells"]] == saved
    assert odd == [f"is cut off or damaged; cells saved: {len(saved)}"]


def test_every_cut_gives_an_answer():
    content = RELEASED.read_bytes()
    counts = []
    for end in range(1, len(content), 97):
        notebook, odd = repair.read_notebook(content[:end])
        assert odd
        counts.append(len(notebook["cells"]) if notebook else 0)
    assert counts == sorted(counts)
    assert counts[-1] > 20


def test_merge_conflict_costs_the_cell_it_is_in():
    content = RELEASED.read_bytes().replace(
        b'"id": "candidate"', b'<<<<<<< HEAD\n"id": "candidate"'
    )
    notebook, odd = repair.read_notebook(content)
    assert "input_gate" in sources(notebook)
    assert "candidate" not in sources(notebook)
    assert "hidden_state" in sources(notebook)
    assert "damaged" in odd[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings(encoding, released):
    cell = next(cell for cell in released["cells"] if cell["id"] == "answer")
    text = json.dumps(
        {**released, "cells": [{**cell, "source": "Schöne Grüße"}]}, ensure_ascii=False
    )
    notebook, odd = repair.read_notebook(text.encode(encoding))
    assert sources(notebook) == {"answer": "Schöne Grüße"}
    assert len(odd) == 1
    assert "read as" in odd[0]


def old_format(released):
    """Return a notebook as Jupyter wrote it until 2015."""
    cells = []
    for cell in released["cells"]:
        if cell["cell_type"] == "code":
            source = {"input": cell["source"], "language": "python", "collapsed": False}
            cell = {"cell_type": "code", "metadata": cell["metadata"], "outputs": []} | source
        cells.append(cell)
    heading = {"cell_type": "heading", "level": 2, "source": "Gates", "metadata": {}}
    worksheet = {"cells": [heading, *cells], "metadata": {}}
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [worksheet],
    }


def test_nbformat_3_is_converted(released):
    old = old_format(released)
    notebook, odd = repair.read_notebook(json.dumps(old).encode())
    assert odd == ["is in nbformat 3: converted"]
    expected, _ = repair.read_notebook(RELEASED.read_bytes())
    assert sources(notebook) == sources(expected) | {None: sources(notebook)[None]}
    assert notebook["cells"][0]["source"] == "## Gates"

    cut, odd = repair.read_notebook(json.dumps(old).encode()[:-3000])
    assert "forget_gate" in sources(cut)
    assert "is cut off" in odd[0]
    assert odd[1] == "is in nbformat 3: converted"


def test_cells_that_are_none_are_left_out():
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "metadata": {"nbgrader": "no"}},
        {"cell_type": "code", "source": 1},
        {"cell_type": "lies", "source": ""},
        None,
        {"cell_type": "markdown", "source": "half \ud83d", "id": "x", "attachments": {"a": 1}},
        {"cell_type": "markdown", "source": "again", "id": "x", "metadata": {"nbgrader": {}}},
        {"cell_type": "raw", "id": "ünsafe id", "metadata": {"deep": [[[]]]}},
    ]
    content = json.dumps({"nbformat": 5, "cells": cells}).encode()
    notebook, odd = repair.read_notebook(content)
    assert odd == ["holds what is no cell: 3 left out"]
    assert [cell["source"] for cell in notebook["cells"]] == ["a = 1\nb = 2", "half ?", "again", ""]
    nbformat.validate(nbformat.from_dict(notebook))
