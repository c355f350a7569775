"""Whatever an editor or a student does to the cells: what was written is found and tested."""

import copy
import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from lstm_grade.run.recognise import grade_id, recognise
from lstm_grade.run.repair import read_notebook

ROOT = Path(__file__).parents[2]
FULL = 30
BODIES = {
    "forget_gate": "def forget_gate(hx, W_f, b_f):\n    return sigmoid(hx @ W_f.T + b_f)",
    "input_gate": "def input_gate(hx, W_i, b_i):\n    return sigmoid(hx @ W_i.T + b_i)",
    "candidate": "def candidate(hx, W_c, b_c):\n    return np.tanh(hx @ W_c.T + b_c)",
    "cell_state": "def cell_state(f, c_prev, i, c_tilde):\n    return f * c_prev + i * c_tilde",
    "output_gate": "def output_gate(hx, W_o, b_o):\n    return sigmoid(hx @ W_o.T + b_o)",
    "hidden_state": "def hidden_state(o, c):\n    return o * np.tanh(c)",
}
ANSWER = "Below 10 for the cell state, below 1 for the hidden state."


@pytest.fixture
def notebook():
    """Return what a student hands in who has done it all."""
    done = nbformat.read(ROOT / "exercises/gates/gates.ipynb", 4)
    for cell in done.cells:
        cell.source = {**BODIES, "answer": ANSWER}.get(cell.id, cell.source)
    return done


@pytest.fixture
def stub():
    return {c.id: c.source for c in nbformat.read(ROOT / "exercises/gates/gates.ipynb", 4).cells}


def total(graded):
    return sum(points or 0 for points, _ in graded.grades["gates"].values())


def waiting(graded):
    return {name for name, (_, waits) in graded.grades["gates"].items() if waits}


def at(notebook, name):
    return [cell.id for cell in notebook.cells].index(name)


def strip(notebook, ids=False, only=None):
    for number, cell in enumerate(notebook.cells):
        if only is None or cell.id in only:
            cell.metadata = nbformat.NotebookNode()
            cell.id = f"c{number}" if ids else cell.id


def check(graded, *remarks, points=FULL, waits=("answer",)):
    assert (total(graded), waiting(graded)) == (points, {*waits}), graded.odd
    for remark in remarks:
        assert any(remark in each for each in graded.odd), graded.odd
    if not remarks:
        assert graded.odd == []
    nbformat.validate(json.loads(graded.files["gates.ipynb"]))


def test_as_it_was_given(grade, notebook):
    check(grade(notebook))


@pytest.mark.parametrize("ids", [False, True])
def test_without_metadata(grade, notebook, ids):
    """As Colab, Databricks and others save it."""
    strip(notebook, ids)
    check(grade(notebook), "recognised by the functions" if ids else "recognised by their ids")


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("names", [["candidate"], ["test_candidate", "answer"], ["setup"]])
def test_some_cells_without_metadata(grade, notebook, names, ids):
    strip(notebook, ids, names)
    check(grade(notebook), "without nbgrader's metadata")


@pytest.mark.parametrize("path", sorted(ROOT.glob("exercises/*/*.ipynb")), ids=lambda p: p.stem)
def test_every_assignment_without_metadata_and_ids(path, assignments):
    original = assignments(path.stem).notebooks[path.stem]
    stripped = nbformat.read(path, 4)
    expected = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in stripped.cells]
    for cell in stripped.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "markdown":
            cell.source = "An answer."
    strip(stripped, ids=True)
    read, _ = read_notebook(nbformat.writes(stripped).encode())
    found = recognise(read, original, assignments(path.stem))
    assert [grade_id(cell) for cell in found.notebook["cells"]] == expected


def test_a_written_answer_in_a_cell_of_its_own(grade, notebook, stub):
    notebook.cells[at(notebook, "answer")].source = stub["answer"]
    notebook.cells.insert(at(notebook, "answer") + 1, v4.new_markdown_cell(ANSWER, id="own"))
    check(grade(notebook), "cell answer is empty; an answer may stand in another cell")


@pytest.mark.parametrize("kind", ["code", "raw"])
def test_a_written_answer_in_a_cell_of_another_type(grade, notebook, stub, kind):
    notebook.cells[at(notebook, "answer")].source = stub["answer"]
    own = getattr(v4, f"new_{kind}_cell")("# Below 10, below 1.", id="own")
    notebook.cells.insert(at(notebook, "answer"), own)
    check(grade(notebook), "cell answer is empty")


def test_a_written_answer_in_the_question(grade, notebook, stub):
    notebook.cells[at(notebook, "answer")].source = stub["answer"]
    notebook.cells[at(notebook, "question")].source += f"\n\n{ANSWER}"
    check(grade(notebook), "cell answer is empty")


def test_no_answer_is_no_answer(grade, notebook, stub):
    """Code that is tried out beside it is none."""
    notebook.cells[at(notebook, "answer")].source = stub["answer"]
    own = v4.new_code_cell("print(hidden_state(1.0, 2.0))", id="own")
    notebook.cells.insert(at(notebook, "answer"), own)
    check(grade(notebook), waits=())


@pytest.mark.parametrize("where", ["behind it", "at the end", "before it"])
@pytest.mark.parametrize("given", ["stub", "gone", "empty", "with a remark"])
def test_a_function_in_a_cell_of_its_own(grade, notebook, stub, where, given):
    place = at(notebook, "candidate")
    own = v4.new_code_cell(BODIES["candidate"], id="own")
    notebook.cells[place].source = {"empty": "", "gone": ""}.get(given, stub["candidate"])
    if given == "with a remark":
        notebook.cells[place].source += "\n# I wrote it in another cell"
    place = {"behind it": place + 1, "before it": place, "at the end": len(notebook.cells)}[where]
    notebook.cells.insert(place, own)
    if given == "gone":
        del notebook.cells[at(notebook, "candidate")]
    graded = grade(notebook)
    assert (total(graded), waiting(graded)) == (FULL, {"answer"}), graded.odd
    said = " ".join(graded.odd)
    if where == "at the end":
        assert "the test was moved behind it" in said or "moved down: test_candidate" in said
    if where == "before it" and given in ("stub", "with a remark"):
        assert "candidate stands in another cell, above the empty one: it counts" in said


def test_tests_at_the_top(grade, notebook):
    tests = [cell for cell in notebook.cells if cell.id.startswith("test_")]
    notebook.cells = tests + [cell for cell in notebook.cells if cell not in tests]
    check(grade(notebook), "cells stood above what they test: moved down: test_forget_gate")


def test_tests_at_the_end(grade, notebook):
    tests = [cell for cell in notebook.cells if cell.id.startswith("test_")]
    notebook.cells = [cell for cell in notebook.cells if cell not in tests] + tests
    check(grade(notebook))


@pytest.mark.parametrize("name", ["setup", "sigmoid"])
def test_a_given_cell_at_the_end(grade, notebook, name):
    notebook.cells.append(notebook.cells.pop(at(notebook, name)))
    check(grade(notebook), f"cells stood below what needs them: moved up: {name}")


@pytest.mark.parametrize("name", ["test_candidate", "setup", "sigmoid"])
def test_a_locked_cell_is_gone(grade, notebook, name):
    del notebook.cells[at(notebook, name)]
    check(grade(notebook), f"cell {name} is missing: put back")


@pytest.mark.parametrize("where", ["above", "below"])
def test_code_typed_into_the_check(grade, notebook, stub, where):
    notebook.cells[at(notebook, "candidate")].source = stub["candidate"]
    check_cell = notebook.cells[at(notebook, "test_candidate")]
    parts = [BODIES["candidate"], check_cell.source]
    check_cell.source = "\n\n".join(parts if where == "above" else parts[::-1])
    check(grade(notebook), "code was typed into the cell test_candidate")


@pytest.mark.parametrize("name", ["setup", "sigmoid", "test_forget_gate"])
def test_what_others_need_typed_into_a_locked_cell(grade, notebook, name):
    notebook.cells[at(notebook, name)].source += "\nimport math\n\ndef helper(x):\n    return x"
    changed = BODIES["hidden_state"].replace("o * np", "math.pi / math.pi * helper(o) * np")
    notebook.cells[at(notebook, "hidden_state")].source = changed
    check(grade(notebook), f"code was typed into the cell {name}")


def test_a_check_that_was_changed(grade, notebook):
    notebook.cells[at(notebook, "test_candidate")].source = "print('all is well')"
    check(grade(notebook), "cell test_candidate was changed: restored")


def test_a_check_of_another_release(grade, notebook):
    """It says so itself, by its checksum: nobody has tampered with it."""
    from nbgrader.utils import compute_checksum

    cell = notebook.cells[at(notebook, "test_candidate")]
    cell.source = cell.source.replace("seed=3", "seed=33")
    assert "seed=33" in cell.source
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    check(grade(notebook), "cell test_candidate is that of another release")


@pytest.mark.parametrize("metadata", [True, False])
def test_a_renamed_function(grade, notebook, metadata):
    cell = notebook.cells[at(notebook, "candidate")]
    cell.source = cell.source.replace("def candidate", "def candidat")
    if not metadata:
        strip(notebook)
    graded = grade(notebook)
    said = "no function named candidate; did you rename it? There is candidat"
    check(graded, said, points=FULL - 5)
    executed = nbformat.reads(graded.files["gates.ipynb"].decode(), 4)
    (test,) = [c for c in executed.cells if grade_id(c) == "test_candidate"]
    assert test.outputs[-1].evalue == said + "."


def test_copies(grade, notebook, stub):
    """The last counts; but not the one that nobody wrote in."""
    place = at(notebook, "candidate")
    copied = nbformat.from_dict({**copy.deepcopy(notebook.cells[place]), "id": "copied"})
    copied.source = stub["candidate"]
    notebook.cells.append(copied)
    check(grade(notebook), "cell candidate was copied: the last that was changed counts")


def test_two_answers_in_metadata_of_the_same_name(grade, notebook):
    place = at(notebook, "candidate")
    wrong = nbformat.from_dict({**copy.deepcopy(notebook.cells[place]), "id": "copied"})
    wrong.source = wrong.source.replace("np.tanh", "np.sin")
    notebook.cells.insert(place, wrong)
    check(grade(notebook), "cell candidate was copied: the last counts")


def test_another_assignment(grade):
    """One line, not twenty; and a person looks at it."""
    cell = (ROOT / "exercises/cell/cell.ipynb").read_bytes()
    for files in ({"gates.ipynb": cell}, {"cell.ipynb": cell}):
        graded = grade(files)
        (said,) = graded.odd
        assert re.fullmatch(r"\w+\.ipynb is the notebook of cell, not of gates", said)
        assert total(graded) == 0
        assert len(waiting(graded)) == 7
        assert said in json.loads(graded.files["gates.ipynb"])["cells"][0]["source"].replace(
            "\\", ""
        )


def test_another_assignment_beside_the_right_one(grade, notebook):
    cell = (ROOT / "exercises/cell/cell.ipynb").read_bytes()
    right = nbformat.writes(notebook).encode()
    check(grade({"cell.ipynb": cell, "mine.ipynb": right}), "gates.ipynb was called mine.ipynb")


def test_what_is_said_stands_in_the_notebook(grade, notebook):
    """So that student and grader read it."""
    notebook.cells[at(notebook, "answer")].source = ""
    notebook.cells.insert(at(notebook, "answer"), v4.new_markdown_cell("<b>10</b>", id="own"))
    graded = grade(notebook)
    note = json.loads(graded.files["gates.ipynb"])["cells"][0]["source"]
    assert "answer waits for a person" in note
    assert "\\<b\\>10" in note


@pytest.mark.parametrize("how", ["the list of cells twice", "no text in a cell"])
def test_what_could_not_be_read_waits(grade, notebook, how):
    text = nbformat.writes(notebook)
    if how == "the list of cells twice":
        text = text.rstrip().removesuffix("}") + ', "cells": []}'  # the last counts in JSON
    else:
        damaged = json.loads(text)
        for cell in damaged["cells"]:
            cell["source"] = {"text": cell["source"]}
        text = json.dumps(damaged)
    graded = grade({"gates.ipynb": text.encode()})
    assert graded.odd == ["gates.ipynb has no cell of gates"]
    assert len(waiting(graded)) == 7
