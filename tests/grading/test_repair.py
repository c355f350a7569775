"""Broken files: each is read as far as it can be, and what was odd is said."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from lstm_grade.run import repair

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "exercises/gates/gates.ipynb"
IDS = {cell.id for cell in nbformat.read(RELEASED, 4).cells if "nbgrader" in cell.metadata}


@pytest.fixture(scope="module")
def released():
    return json.loads(RELEASED.read_bytes())


def sources(notebook):
    return {repair.grade_id(cell): cell["source"] for cell in notebook["cells"]}


def test_whole_notebook_is_read_as_it_is():
    notebook, odd = repair.read_notebook(RELEASED.read_bytes())
    assert odd == []
    expected = nbformat.read(RELEASED, 4)
    assert [cell["id"] for cell in notebook["cells"]] == [cell.id for cell in expected.cells]
    assert [cell["source"] for cell in notebook["cells"]] == [
        cell.source for cell in expected.cells
    ]
    assert {repair.grade_id(cell) for cell in notebook["cells"]} - {None} == IDS
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


def test_merge_conflict_keeps_what_is_before_it():
    content = RELEASED.read_bytes().replace(
        b'"id": "candidate"', b'<<<<<<< HEAD\n"id": "candidate"'
    )
    notebook, odd = repair.read_notebook(content)
    assert "input_gate" in sources(notebook)
    assert "candidate" not in sources(notebook)
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


def test_renamed_notebook_is_found():
    content = RELEASED.read_bytes()
    for name in ["gates (1).ipynb", "gates.ipynb.txt", "GATES.IPYNB", "gates/gates.ipynb"]:
        files = {"readme.txt": b"hello", "mine.ipynb": b"{}", name: content}
        notebook, odd = repair.find_notebook(files, "gates.ipynb", IDS)
        assert "forget_gate" in sources(notebook)
        assert odd == [f"gates.ipynb was called {name}"]
    files = {"gates (1).ipynb": content[: len(content) // 2], "gates (2).ipynb": content}
    _, odd = repair.find_notebook(files, "gates.ipynb", IDS)
    assert odd == ["gates.ipynb was called gates (2).ipynb"]


def test_missing_notebook_is_said():
    other = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": ""}]}).encode()
    assert repair.find_notebook({}, "gates.ipynb", IDS) == (None, ["gates.ipynb is missing"])
    assert repair.find_notebook({"cell.ipynb": other}, "gates.ipynb", IDS) == (
        None,
        ["gates.ipynb is missing; there is: cell.ipynb"],
    )


def test_links_and_pipes_are_not_followed(tmp_path):
    secret = tmp_path / "solutions"
    secret.mkdir()
    secret.joinpath("gates.ipynb").write_text("the answers")
    folder = tmp_path / "gates"
    folder.joinpath("data").mkdir(parents=True)
    folder.joinpath("gates.ipynb").symlink_to(secret / "gates.ipynb")
    folder.joinpath("all").symlink_to(secret)
    folder.joinpath("nowhere").symlink_to(tmp_path / "no such file")
    os.mkfifo(folder / "data" / "pipe")
    folder.joinpath("data", "a.csv").write_text("1,2")
    folder.joinpath(".secret").write_text("")

    files, odd = repair.read_folder(folder, [".*"])

    assert files == {"data/a.csv": b"1,2"}
    assert sorted(odd) == [
        "all is a symbolic link: not followed",
        "gates.ipynb is a symbolic link: not followed",
        "nowhere is a symbolic link: not followed",
        "pipe is not a regular file: left out",
    ]
    link = tmp_path / "link"
    link.symlink_to(secret)
    assert repair.read_folder(link) == ({}, ["the folder is a symbolic link: not followed"])


def test_odd_names_are_shown_on_one_line_without_escapes(tmp_path):
    for name in [b"new\nline.txt", b"\x1b[31mred.txt", b"l\xe4tin.txt", "Gr\u202eüße.txt".encode()]:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(b"x")
    files, odd = repair.read_folder(tmp_path)
    assert len(files) == 4
    assert odd == []
    for name in files:
        assert repair.shown(name).isprintable()
        repair.shown(name).encode()
    assert len(repair.shown("long" * 1000)) == 100


def test_size_and_number_of_files_are_bounded(tmp_path):
    with tmp_path.joinpath("a.csv").open("wb") as file:
        file.truncate(repair.LARGEST_FOLDER + 1)
    for number in range(repair.MOST_FILES + 5):
        tmp_path.joinpath(f"b{number:04}").touch()
    files, odd = repair.read_folder(tmp_path)
    assert len(files) == repair.MOST_FILES
    assert odd == [
        "a.csv is too large: left out",
        f"more than {repair.MOST_FILES} files: the others are left out",
    ]


def test_huge_notebook_is_refused_within_bounded_memory(tmp_path):
    """100 MB that would take 7 GB as Python lists."""
    with tmp_path.joinpath("gates.ipynb").open("wb") as file:
        file.write(b'{"nbformat": 4, "cells": [')
        for _ in range(100):
            file.write(b"[]," * (2**20 // 3))
    code = (
        "import sys; from lstm_grade.run import repair;"
        "files, _ = repair.read_folder(sys.argv[1]);"
        "print(repair.find_notebook(files, 'gates.ipynb', [])[1][0]);"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    said, kilobytes = done.stdout.splitlines()
    assert said == "gates.ipynb is larger than 16 MB: clear its outputs"
    assert int(kilobytes) < 64 * 1024
