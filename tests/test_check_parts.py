"""What a function uses: the student's own parts, right or wrong, and what is imported."""

import functools
import linecache

import numpy as np
import pytest

from lstm_check import CheckError, check
from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES
from mutants import ASSIGNMENTS
from notebooks import run


def written(name, text, **own):
    """Define a function as a student does, beside other functions of their own."""
    # A partial is not looked into: what these functions import is no mistake.
    own = {part: functools.partial(function) for part, function in own.items()}
    space = {"__name__": "__main__", "np": np, **own}
    exec(text, space)
    return space[name]


FORWARD = EXERCISES["lstm_forward"].source
CELLS = [mistake for mistake in MISTAKES["lstm_cell"]]
LOOPS = [mistake for mistake in MISTAKES["lstm_forward"] if mistake.edits]


@pytest.mark.parametrize("mistake", CELLS, ids=lambda mistake: mistake.name)
def test_one_mistake_costs_once(mistake, capsys):
    own = {"lstm_cell": mistake.wrong}
    function = written("lstm_forward", FORWARD.text(), **own)
    check("lstm_forward", function)
    assert "lstm_forward: correct, given a right lstm_cell. " in capsys.readouterr().out
    assert function.__globals__["lstm_cell"].func is mistake.wrong
    # Whoever does not call it is right as well.
    check("lstm_forward", functools.partial(EXERCISES["lstm_forward"].reference))
    assert "lstm_forward: correct. " in capsys.readouterr().out


@pytest.mark.parametrize("mistake", LOOPS, ids=lambda mistake: mistake.name)
def test_a_mistake_on_top_of_a_wrong_part_is_named(mistake):
    own = {"lstm_cell": MISTAKES["lstm_cell"][0].wrong, "stack": EXERCISES["stack"].reference}
    function = written("lstm_forward", FORWARD.text(mistake.edits), **own)
    with pytest.raises(CheckError) as caught:
        check("lstm_forward", function)
    assert mistake.name in caught.value.mistake.split(" or ")


def stops(*arguments):
    return [][0]


def is_a_stub(*arguments):
    raise NotImplementedError


def returns_a_list(*arguments):
    return [*EXERCISES["cell_backward"].reference(*arguments)]


def lacks_most(*arguments):
    return {"x_t": EXERCISES["cell_backward"].reference(*arguments)["x_t"]}


def changes_what_it_gets(dh, dc, cache, params):
    grads = EXERCISES["cell_backward"].reference(dh, dc, cache, params)
    cache.clear()
    return grads


@pytest.mark.parametrize(
    "part", [stops, is_a_stub, returns_a_list, lacks_most, changes_what_it_gets]
)
def test_a_part_that_cannot_be_used_costs_nothing_where_it_is_called(part, capsys):
    own = {"cell_backward": part}
    function = written("lstm_backward", EXERCISES["lstm_backward"].source.text(), **own)
    check("lstm_backward", function)
    assert "lstm_backward: correct, given a right cell_backward. " in capsys.readouterr().out


def test_a_right_part_stands_under_every_name_of_the_students_own():
    text = FORWARD.text().replace("lstm_cell(", "my_step(")
    function = written("lstm_forward", text, lstm_cell=stops)
    function.__globals__["my_step"] = function.__globals__["lstm_cell"]
    check("lstm_forward", function)


@pytest.mark.parametrize(
    ("body", "part", "said"),
    [
        ("raise NotImplementedError", is_a_stub, "lstm_forward is not written yet"),
        # A part that agrees with what is wrong earns nothing.
        (
            "return x[:, :, :1] + h0, x[:, :, :1] + c0",
            lambda *given: given[1:3],
            "values are wrong",
        ),
    ],
)
def test_a_part_excuses_nothing_that_is_wrong_by_itself(body, part, said):
    own = {"lstm_cell": part}
    function = written("lstm_forward", f"def lstm_forward(x, params, h0, c0):\n    {body}\n", **own)
    with pytest.raises(CheckError, match=said):
        check("lstm_forward", function)


class Graded:
    """A function of a submission, as a test sees it: the right part runs elsewhere."""

    def __init__(self, text, **own):
        self.text, self.own = text, own

    def __call__(self, *arguments):
        """Define it anew, and call it."""
        return written("lstm_forward", self.text, **self.own)(*arguments)

    def given(self, **right):
        """Return it with right functions in place of its own."""
        return Graded(self.text, **{**self.own, **right})


def test_the_same_is_said_where_work_is_graded(capsys):
    own = {"lstm_cell": stops}
    check("lstm_forward", Graded(FORWARD.text(), **own))
    assert capsys.readouterr().out == "lstm_forward: correct, given a right lstm_cell.\n"
    for mistake in LOOPS[:5]:
        function = Graded(FORWARD.text(mistake.edits), **own)
        with pytest.raises(CheckError) as caught:
            check("lstm_forward", function)
        assert caught.value.mistake == mistake.name


def test_a_wrong_function_loses_its_own_points_only():
    trained = {ASSIGNMENTS[name] for name in EXERCISES if EXERCISES[name].judge}  # takes long
    for name in [name for name in MISTAKES if MISTAKES[name] and ASSIGNMENTS[name] not in trained]:
        results = run(ASSIGNMENTS[name], {name: MISTAKES[name][0].wrong})
        lost = {cell for cell, error in results.items() if error}
        assert lost
        # One function may have several tests: test_cell_backward_input and so on.
        assert all(cell.startswith(f"test_{name}") for cell in lost)


# What is imported


def in_a_notebook(source, name):
    """Define a function as a cell of a notebook does."""
    filename = f"<cell {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace = {"__name__": "__main__"}
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]


GATE = "def forget_gate(hx, W_f, b_f):\n    return {}\n"


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("import torch\n" + GATE.format("1 / (1 + np.exp(-hx @ W_f.T - b_f))"), "torch"),
        ("import yaml as y\n" + GATE.format("y.dump(hx)"), "yaml"),
        ("from lstm_ref import forget_gate as f\n" + GATE.format("f(hx, W_f, b_f)"), "lstm_ref"),
        ("from lstm_ref import forget_gate\n", "lstm_ref"),
        (GATE.format("__import__('math')") + "    import bs4.element\n", "bs4"),
        ("def g(z):\n    from PIL import Image\n    return z\n" + GATE.format("g(hx)"), "PIL"),
    ],
)
def test_an_import_that_will_be_missing_is_said_at_once(source, missing):
    function = in_a_notebook(source, "forget_gate")
    with pytest.raises(CheckError) as caught:
        check("forget_gate", function)
    assert caught.value.mistake == "import"
    assert caught.value.message == (
        f"forget_gate uses {missing}, which will not be there when your work is graded.\n"
        "You can use Python itself, numpy and matplotlib."
    )


@pytest.mark.parametrize(
    "head",
    [
        "import numpy as np, math, functools\n",
        "import numpy as np\nfrom numpy import exp, tanh\nimport matplotlib.pyplot as plt\n",
        "import numpy as np\nfrom lstm_check import check\n",
        "import numpy as np\nfrom collections import namedtuple\nP = namedtuple('P', 'x')\n",
        "import numpy as np\n%timeit\n",
    ],
)
def test_allowed_imports_pass(head):
    source = head + GATE.format("1 / (1 + np.exp(-(hx @ W_f.T + b_f)))")
    if "%" in head:  # IPython has made Python of it, but keeps the cell as it was
        with pytest.raises(SyntaxError):
            compile(source, "cell", "exec")
        source = source.replace("%timeit\n", "")
    check("forget_gate", in_a_notebook(source, "forget_gate"))


def test_an_import_elsewhere_in_the_notebook_does_no_harm():
    source = "import numpy as np\n" + GATE.format("1 / (1 + np.exp(-(hx @ W_f.T + b_f)))")
    function = in_a_notebook(source, "forget_gate")
    function.__globals__["torch"] = pytest.importorskip("torch")
    check("forget_gate", function)
