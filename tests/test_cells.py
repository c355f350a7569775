"""What a student reads whose cell was not run, stopped with an error, or never ended."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from lstm_check import CheckError, check
from notebooks import ROOT

SLUGS = sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())
WRITTEN = {"stack": "return np.concatenate([h_prev, x_t], axis=1)"}


def run_all(bodies, *again):
    """Run the assignment *cell* as Run All does; return what is below each cell, by id.

    Parameters
    ----------
    bodies : dict of str
        By function, what stands in it.
    *again : tuple of (str, str)
        A function and its new body: its cell and its check are run once more, one by one.
    """
    notebook = nbformat.read(ROOT / "exercises/cell/cell.ipynb", 4)
    cells = {cell.id: cell for cell in notebook.cells}
    given = {cell.id: cell.source for cell in notebook.cells}

    def write(name, body):
        stub = "# YOUR CODE HERE\n    raise NotImplementedError()"
        cells[name].source = given[name].replace(stub, body)

    for name, body in bodies.items():
        write(name, body)
    for name, body in again:
        for one in (name, f"test_{name}"):
            notebook.cells.append(nbformat.from_dict(cells[one]))
        notebook.cells[-2].source = given[name].replace(
            "# YOUR CODE HERE\n    raise NotImplementedError()", body
        )
        notebook.cells[-2].id, notebook.cells[-1].id = "again", "test_again"
    # What is not tagged stops the run: allow_errors is not given.
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": ROOT}}).execute()
    return {
        cell.id: "\n".join(
            "\n".join(out.traceback) if out.output_type == "error" else out.get("text", "")
            for out in cell.outputs
        ).strip()
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


@pytest.fixture(scope="module")
def said():
    wrong = {"stack": WRITTEN["stack"] + ")", "lstm_cell": "return params[W_f]"}
    return run_all(wrong, ("stack", WRITTEN["stack"]), ("stack", WRITTEN["stack"][:-1]))


@pytest.mark.parametrize("slug", SLUGS)
def test_run_all_goes_on_behind_each_cell_that_a_student_writes(slug):
    notebook = nbformat.read(ROOT / "exercises" / slug / f"{slug}.ipynb", 4)
    for cell in notebook.cells:
        known = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and (known.get("solution") or known.get("grade")):
            assert "raises-exception" in cell.metadata.get("tags", []), cell.id


def test_behind_a_syntax_error_the_table_is_reached(said):
    assert "SyntaxError" in said["stack"]
    assert re.search(r"^stack +0 of 3 +open$", said["progress"], re.MULTILINE)
    assert re.search(r"^lstm_cell +0 of 7 +open: error$", said["progress"], re.MULTILINE)


def test_a_function_that_is_not_there_is_said_so(said):
    assert said["test_stack"] == (
        "stack is not there yet: run the cell in which you write it.\n"
        "If that one stops with an error, mend it first."
    )


def test_another_name_that_is_missing_is_told_as_ever(said):
    assert "name 'W_f' is not defined" in said["test_lstm_cell"]


def test_behind_a_new_error_the_function_from_before_is_not_checked(said):
    assert said["again"].endswith("incomplete input")
    assert said["test_again"].startswith("stack: the cell in which you write it stopped")


def test_an_endless_loop_that_is_interrupted_says_where_it_was():
    def stack(h_prev, x_t):
        while x_t.size:
            if h_prev.size:
                raise KeyboardInterrupt

    with pytest.raises(CheckError) as caught:
        check("stack", stack)
    assert caught.value.mistake == "interrupted"
    assert caught.value.message.startswith("stack was interrupted at: raise KeyboardInterrupt\n")


def test_what_a_function_prints_is_printed_as_often_as_it_is_tried(capsys):
    """Not for each known mistake that it is compared with."""

    def stack(h_prev, x_t):
        print("here")
        return h_prev + 0

    with pytest.raises(CheckError, match="your result is h_prev alone"):
        check("stack", stack)
    assert capsys.readouterr().out == "here\n"
