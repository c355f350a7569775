"""A folder as a student left it: the notebook is read whatever else lies there."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from lstm_grade.run import folder
from lstm_grade.run.choose import find_notebook
from lstm_grade.run.errors import NotGradedError
from lstm_grade.run.folder import read_folder, shown, without_outputs

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "exercises/gates/gates.ipynb"


@pytest.fixture(scope="module")
def done():
    """Return the bytes of a notebook in which one function is written."""
    notebook = nbformat.read(RELEASED, 4)
    for cell in notebook.cells:
        if cell.id == "candidate":
            cell.source = "def candidate(hx, W_c, b_c):\n    return np.tanh(hx @ W_c.T + b_c)"
    return nbformat.writes(notebook).encode()


@pytest.fixture
def find(assignments):
    return lambda files: find_notebook(files, "gates", assignments("gates"))


def answered(chosen):
    return chosen.found.answered if chosen.found else None


# --- reading ----------------------------------------------------------------


def test_links_and_pipes_are_not_followed(tmp_path):
    secret = tmp_path / "solutions"
    secret.mkdir()
    secret.joinpath("gates.ipynb").write_text("the answers")
    mine = tmp_path / "gates"
    mine.joinpath("data").mkdir(parents=True)
    mine.joinpath("gates.ipynb").symlink_to(secret / "gates.ipynb")
    mine.joinpath("all").symlink_to(secret)
    mine.joinpath("nowhere").symlink_to(tmp_path / "no such file")
    os.mkfifo(mine / "data" / "pipe")
    mine.joinpath("data", "a.csv").write_text("1,2")
    mine.joinpath(".secret").write_text("")

    files, odd = read_folder(mine, [".*"])

    assert files == {"data/a.csv": b"1,2"}
    assert sorted(odd) == [
        "all is a symbolic link: not followed",
        "gates.ipynb is a symbolic link: not followed",
        "nowhere is a symbolic link: not followed",
        "pipe is not a regular file: left out",
    ]
    link = tmp_path / "link"
    link.symlink_to(secret)
    assert read_folder(link) == ({}, ["the folder is a symbolic link: not followed"])


def test_odd_names_are_shown_on_one_line_without_escapes(tmp_path):
    for name in [b"new\nline.txt", b"\x1b[31mred.txt", b"l\xe4tin.txt", "Gr\u202eüße.txt".encode()]:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(b"x")
    files, odd = read_folder(tmp_path)
    assert len(files) == 4
    assert odd == []
    for name in files:
        assert shown(name).isprintable()
        shown(name).encode()
    assert len(shown("long" * 1000)) == 100


def test_size_and_number_of_files_are_bounded(tmp_path):
    with tmp_path.joinpath("a.csv").open("wb") as file:
        file.truncate(folder.LARGEST_FOLDER + 1)
    for number in range(folder.MOST_FILES + 5):
        tmp_path.joinpath(f"b{number:04}").touch()
    files, odd = read_folder(tmp_path)
    assert len(files) == folder.MOST_FILES - 1
    assert odd == [
        "a.csv, b0999 and 5 more files left out: read are 1000 files and 32 MB beside notebooks"
    ]


@pytest.mark.parametrize("name", ["gates.ipynb", "zz top.ipynb", "deep/er/gates.ipynb"])
def test_files_beside_it_take_nothing_from_a_notebook(tmp_path, name):
    tmp_path.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
    tmp_path.joinpath(name).write_bytes(RELEASED.read_bytes())
    for number in range(folder.MOST_FILES + 1):
        tmp_path.joinpath(f"frame_{number}.png").touch()
    for number in range(3):
        with tmp_path.joinpath(f"a{number}.npy").open("wb") as file:
            file.truncate(folder.LARGEST_FOLDER // 2)
    files, _ = read_folder(tmp_path)
    assert files[name] == RELEASED.read_bytes()


def test_outputs_do_not_count(tmp_path):
    notebook = nbformat.read(RELEASED, 4)
    tricky = 'x = {"outputs": ["]"]}  # "outputs": [\\'
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = tricky
            picture = {"image/png": "A" * 3 * 2**20}
            cell.outputs = [
                nbformat.v4.new_output("display_data", picture),
                nbformat.v4.new_output("stream", text='"outputs": [[{"\\'),
            ]
    nbformat.write(notebook, tmp_path / "gates.ipynb")
    assert tmp_path.joinpath("gates.ipynb").stat().st_size > 17 * 2**20
    (content,), odd = read_folder(tmp_path)[0].values(), read_folder(tmp_path)[1]
    assert len(content) < 100_000
    assert odd == []
    slim = json.loads(content)
    assert [cell["source"] for cell in slim["cells"]] == [
        cell["source"] for cell in json.loads(nbformat.writes(notebook))["cells"]
    ]
    assert {tuple(cell.get("outputs", ())) for cell in slim["cells"]} == {()}


@pytest.mark.parametrize(
    "end", [b'"outputs": ["abc', b'"outputs": [', b'"outputs": [[]', b'"outpu']
)
def test_outputs_that_do_not_end_stay(end):
    content = b'{"cells": [{"outputs": [1], "source": ""}, {' + end
    assert without_outputs(content) == b'{"cells": [{"outputs": [], "source": ""}, {' + end


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"[", b', "outputs": [', b',"outputs":["', b" ,"])
def test_outputs_are_skipped_in_time_that_grows_with_the_file_only(piece):
    began = time.process_time()
    without_outputs(b'{"cells": [{"outputs": [' + piece * (2**22 // len(piece)))
    assert time.process_time() - began < 5


def test_what_the_machine_does_not_read_is_an_error(tmp_path, monkeypatch):
    """It is not the student's doing: nobody can say what was handed in."""
    tmp_path.joinpath("gates.ipynb").write_bytes(RELEASED.read_bytes())

    def broken(path, *_):
        raise OSError(5, "Input/output error", path)

    monkeypatch.setattr(folder.os, "open", broken)
    with pytest.raises(NotGradedError, match=r"gates\.ipynb cannot be read: Input/output error"):
        read_folder(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(folder.os, "scandir", broken)
    with pytest.raises(NotGradedError, match="cannot be read: Input/output error"):
        read_folder(tmp_path)


def test_huge_notebook_is_refused_within_bounded_memory(tmp_path):
    """100 MB that would take 7 GB as Python lists."""
    with tmp_path.joinpath("gates.ipynb").open("wb") as file:
        file.write(b'{"nbformat": 4, "cells": [')
        for _ in range(100):
            file.write(b"[]," * (2**20 // 3))
    code = (
        "import sys; from lstm_grade.run import folder, repair;"
        "before = int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]);"
        "files, _ = folder.read_folder(sys.argv[1]);"
        "print(repair.read_notebook(files['gates.ipynb'])[1][0]);"
        "print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    said, kilobytes = done.stdout.splitlines()
    assert said == "is larger than 16 MB without its outputs"
    assert int(kilobytes) < 220 * 1024


# --- choosing ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["gates (1).ipynb", "gates.ipynb.txt", "GATES.IPYNB", "gates/gates.ipynb", "gates.json"]
)
def test_renamed_notebook_is_found(find, name):
    chosen = find({"readme.txt": b"hello", "mine.ipynb": b"{}", name: RELEASED.read_bytes()})
    assert chosen.odd == [f"gates.ipynb was called {name}"]


@pytest.mark.parametrize(
    "empty", [b"", b"{}", b"\0\0", b'{"cells": []}', RELEASED.read_bytes()[:200]]
)
def test_a_whole_copy_beats_one_that_is_not(find, done, empty):
    chosen = find({"gates.ipynb": empty, "gates (1).ipynb": done})
    assert answered(chosen) == ["candidate"]
    assert chosen.odd == ["gates.ipynb was called gates (1).ipynb"]


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("gates-Copy1.ipynb", "gates.ipynb"),
        ("gates (9).ipynb", "gates (10).ipynb"),
        ("a.ipynb", "zz.ipynb"),
        (".ipynb_checkpoints/gates-checkpoint.ipynb", "gates.ipynb"),
    ],
)
def test_a_changed_one_beats_an_untouched_one(find, done, right, other):
    chosen = find({other: RELEASED.read_bytes(), right: done})
    assert answered(chosen) == ["candidate"]
    assert chosen.odd[0] == f"several notebooks: graded is {right}, not {other}"
    assert chosen.odd[1] == f"gates.ipynb was called {right}"


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("gates (10).ipynb", "gates (9).ipynb"),
        ("gates-10.ipynb", "gates-2.ipynb"),
        ("gates.ipynb", "gates (3).ipynb"),
        ("gates_v2.ipynb", "gates_v1.ipynb"),
        ("gates.ipynb", ".ipynb_checkpoints/gates-checkpoint.ipynb"),
    ],
)
def test_of_two_that_were_changed_the_later_counts(find, done, later, earlier):
    chosen = find({later: done, earlier: done})
    assert chosen.odd[0] == f"several notebooks: graded is {later}, not {earlier}"


def test_a_folder_without_a_notebook(find):
    chosen = find({"timestamp.txt": b"2026-11-20 18:00 UTC"})
    assert (chosen.odd, chosen.waits) == (["gates.ipynb is missing"], "")
    chosen = find({"gates.ipynb": b" \n"})
    assert (chosen.odd, chosen.waits) == (["gates.ipynb is empty"], "")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gates.py", b"def candidate(): ...", "gates.ipynb is missing; there is: gates.py"),
        ("gates.pdf", b"%PDF-1.7", "gates.ipynb is missing; there is: gates.pdf"),
        ("gates.ipynb", b"%PDF-1.7", "gates.ipynb is not a notebook"),
        ("gates.ipynb", None, "gates.ipynb is larger than 16 MB without its outputs"),
    ],
)
def test_what_no_test_can_read_waits_for_a_person(find, grade, name, content, said):
    chosen = find({name: content})
    assert (chosen.found, chosen.odd, chosen.waits) == (None, [said], said)
    graded = grade({name: content})
    assert set(graded.grades["gates"].values()) == {(None, True)}
    note = json.loads(graded.files["gates.ipynb"])["cells"][0]["source"]
    assert note.replace("\\", "") == f"{said}. A person will look at it."


def test_a_notebook_of_its_own_waits_for_a_person(find):
    cells = [nbformat.v4.new_code_cell("W = 3", id="mine")]
    other = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
    chosen = find({"mine.ipynb": other})
    assert chosen.waits == "mine.ipynb has no cell of gates"
    assert chosen.seen["cells"][0]["source"] == "W = 3"
