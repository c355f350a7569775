"""Results of several arrays, the student's own parts, imports, graded seeds, warnings."""

import functools
import linecache
import re

import numpy as np
import pytest

import lstm_check
from lstm_check import CheckError
from lstm_check.exercises import EXERCISES
from lstm_check.exercises.cell import lstm_cell as right_cell
from lstm_check.mistakes import MISTAKES
from mutants import ASSIGNMENTS
from notebooks import run


def check(name, function, **case):
    return lstm_check.check(name, functools.partial(function), **case)


def failure(name, function, **case):
    with pytest.raises(CheckError) as caught:
        check(name, function, **case)
    assert all(len(line) <= 83 for line in caught.value.message.splitlines())
    return caught.value


def changed_cell(change):
    return lambda *arguments: change(*right_cell(*arguments))


@pytest.mark.parametrize(
    ("change", "mistake", "said"),
    [
        (lambda h, c: None, "none", "lstm_cell returns None; expected 2 arrays: h_t, c_t."),
        (lambda h, c: h[..., None], "type", "lstm_cell returns an array; expected 2 arrays"),
        (lambda h, c: (h, c, c), "cache returned too", "h_t and c_t are right, but you return an"),
        (lambda h, c: (c, h, c), "type", "lstm_cell returns 3 values; expected 2 arrays"),
        (lambda h, c: {"h": h, "c": c}, "type", "End with: return h_t, c_t"),
        (lambda h, c: (h, None), "none", "lstm_cell, c_t is None; expected an array of shape"),
        (lambda h, c: (h.tolist(), c), "type", "lstm_cell, h_t is a list"),
        (lambda h, c: (h, c[:, :2]), "shape", "lstm_cell, c_t: expected shape (B, H) = (2, 4)"),
        (lambda h, c: (h, c.astype("float32")), "dtype", "lstm_cell, c_t: expected dtype"),
        (lambda h, c: (h, c * np.inf), "not finite", "lstm_cell, c_t: 8 of 8 values are not fin"),
        (lambda h, c: (h, c + h**2), "values", "lstm_cell, c_t: 8 of 8 values are wrong. h_t is r"),
        (lambda h, c: (h + c**2, c + h**2), "values", "lstm_cell, h_t: 8 of 8 values are wrong.\n"),
        (lambda h, c: (c * h, h), "values", "lstm_cell, h_t: 8 of 8 values are wrong.\n"),
    ],
)
def test_each_rung_names_the_item(change, mistake, said):
    error = failure("lstm_cell", changed_cell(change))
    assert error.mistake == mistake
    assert said in error.message


def clip(gradients, max_norm):
    return EXERCISES["clip_by_global_norm"].reference(gradients, max_norm)


@pytest.mark.parametrize(
    ("function", "mistake", "said"),
    [
        (lambda g, m: list(clip(g, m).values()), "type", "returns a list; expected a dict with"),
        (
            lambda g, m: {"W": clip(g, m)["W"]},
            "type",
            "the dict it returns lacks b and v.\nIt has W.\ngradients may hold any names",
        ),
        (lambda g, m: clip(g, m) | {"b": 0.0}, "type", "clip_by_global_norm, b is a float"),
        (
            lambda g, m: clip(g, m) | {"b": g["b"] ** 2},
            "values",
            "b: 4 of 4 values are wrong. W an",
        ),
        (lambda g, m: (clip(g, m), m), "type", "One of them is a dict: return the dict alone."),
        (lambda g, m: clip(g, m) if g.pop("b") is g else g, "type", "the dict it returns lacks b."),
        (lambda g, m: g.update(n=0) or clip(g, m), "argument changed", "gradients['n']"),
    ],
)
def test_each_rung_names_the_key(function, mistake, said):
    error = failure("clip_by_global_norm", function)
    assert error.mistake == mistake
    assert said in error.message


def test_more_keys_than_asked_for_do_no_harm():
    check("clip_by_global_norm", lambda g, m: clip(g, m) | {"norm": 1.0})


def test_only_some_items_are_looked_at():
    def wrong_c(*arguments):
        return (right_cell(*arguments)[0],) * 2

    check("lstm_cell", wrong_c, only=("h_t",))
    assert failure("lstm_cell", wrong_c, only=("c_t",)).mistake == "h_t returned twice"


def test_what_is_not_looked_at_need_not_be_there():
    def input_alone(*arguments):
        return {"x_t": EXERCISES["cell_backward"].reference(*arguments)["x_t"]}

    check("cell_backward", input_alone, only=("x_t",))
    message = failure("cell_backward", input_alone, only=("h_prev", "x_t", "c_prev")).message
    assert message == "cell_backward: the dict it returns lacks h_prev and c_prev.\nIt has x_t."


def test_many_items_are_said_in_one_line():
    right = EXERCISES["init_forget_bias"].reference

    message = failure("init_forget_bias", lambda *given: None).message
    assert (
        "init_forget_bias returns None; expected a dict with W_f, W_i, W_c and 5 more." in message
    )
    message = failure("init_forget_bias", lambda params, k: right(params, 3 * k)).message
    assert "init_forget_bias, b_f: 4 of 4 values are wrong. All else is right." in message
    message = failure(
        "init_forget_bias",
        lambda params, k: right({name: 2 * values for name, values in params.items()}, 3 * k),
    ).message
    assert "init_forget_bias, W_f: 28 of 28 values are wrong.\n" in message


def test_a_warning_fails_where_the_exercise_says_so():
    def warns(z):
        np.sqrt(z)
        return EXERCISES["sigmoid"].reference(z)

    error = failure("sigmoid", warns)
    assert error.mistake == "warning"
    assert "invalid value encountered in sqrt" in error.message
    # Whoever tells NumPy not to warn has no warning, here and where it is graded.
    with np.errstate(all="ignore"):
        check("sigmoid", warns)


def test_a_line_that_comes_with_the_error_is_shown():
    def stops(*arguments):
        error = KeyError("W_x")
        error.student_line = 'hx @ params["W_x"]'
        raise error

    message = failure("lstm_cell", stops).message
    assert message.startswith('lstm_cell stopped with KeyError at: hx @ params["W_x"]')


# The student's own parts


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
    lstm_check.check("lstm_forward", function)
    assert "lstm_forward: correct, given a right lstm_cell. " in capsys.readouterr().out
    assert function.__globals__["lstm_cell"].func is mistake.wrong
    # Whoever does not call it is right as well.
    check("lstm_forward", EXERCISES["lstm_forward"].reference)
    assert "lstm_forward: correct. " in capsys.readouterr().out


@pytest.mark.parametrize("mistake", LOOPS, ids=lambda mistake: mistake.name)
def test_a_mistake_on_top_of_a_wrong_part_is_named(mistake):
    own = {"lstm_cell": MISTAKES["lstm_cell"][0].wrong, "stack": EXERCISES["stack"].reference}
    function = written("lstm_forward", FORWARD.text(mistake.edits), **own)
    with pytest.raises(CheckError) as caught:
        lstm_check.check("lstm_forward", function)
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
    lstm_check.check("lstm_backward", function)
    assert "lstm_backward: correct, given a right cell_backward. " in capsys.readouterr().out


def test_a_right_part_stands_under_every_name_of_the_students_own():
    text = FORWARD.text().replace("lstm_cell(", "my_step(")
    function = written("lstm_forward", text, lstm_cell=stops)
    function.__globals__["my_step"] = function.__globals__["lstm_cell"]
    lstm_check.check("lstm_forward", function)


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
        lstm_check.check("lstm_forward", function)


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
    lstm_check.check("lstm_forward", Graded(FORWARD.text(), **own))
    assert capsys.readouterr().out == "lstm_forward: correct, given a right lstm_cell.\n"
    for mistake in LOOPS[:5]:
        function = Graded(FORWARD.text(mistake.edits), **own)
        with pytest.raises(CheckError) as caught:
            lstm_check.check("lstm_forward", function)
        assert caught.value.mistake == mistake.name


def test_items_that_are_not_in_a_dict_are_no_items():
    def values_only(*arguments):
        return tuple(EXERCISES["cell_backward"].reference(*arguments).values())

    message = failure("cell_backward", values_only, only=("h_prev", "c_prev")).message
    assert message == "cell_backward returns a tuple; expected a dict with h_prev and c_prev."


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
        lstm_check.check("forget_gate", function)
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
    lstm_check.check("forget_gate", in_a_notebook(source, "forget_gate"))


def test_an_import_elsewhere_in_the_notebook_does_no_harm():
    source = "import numpy as np\n" + GATE.format("1 / (1 + np.exp(-(hx @ W_f.T + b_f)))")
    function = in_a_notebook(source, "forget_gate")
    function.__globals__["torch"] = pytest.importorskip("torch")
    lstm_check.check("forget_gate", function)


# Seeds


def seen_inputs(monkeypatch, graded, **case):
    """Return what a function gets, and what a failed check prints."""
    monkeypatch.delenv("LSTM_GRADE_SEED", raising=False)
    if graded:
        monkeypatch.setenv("LSTM_GRADE_SEED", graded)
    seen = []

    def keeps(o, c):
        seen.append((o.copy(), c.copy()))
        return o

    with pytest.raises(CheckError):
        check("hidden_state", keeps, **case)
    return np.array(seen[0])


def test_graded_inputs_are_new_and_can_be_drawn_again(monkeypatch, capsys):
    case = {"batch": 3, "scale": 2.0, "seed": 5}
    visible = seen_inputs(monkeypatch, None, **case)
    assert "again" not in capsys.readouterr().out
    graded = seen_inputs(monkeypatch, "99", **case)
    again = capsys.readouterr().out
    call = re.search(r'check\("hidden_state", hidden_state, (.*)\)', again)[1]
    assert call == "batch=3, scale=2.0, seed=[5, 99]"
    assert not np.array_equal(visible, graded)
    assert not np.array_equal(graded, seen_inputs(monkeypatch, "100", **case))
    for environment in [None, "99", "12345"]:
        drawn = seen_inputs(monkeypatch, environment, **eval(f"dict({call})"))
        assert np.array_equal(drawn, graded)


def test_the_printed_call_can_be_run(monkeypatch, capsys):
    monkeypatch.setenv("LSTM_GRADE_SEED", "1")
    failure(
        "lstm_cell",
        changed_cell(lambda h, c: (h, h)),
        dtype="float32",
        only=("c_t",),
    )
    said = capsys.readouterr().out
    assert said == (
        'The same inputs again: check("lstm_cell", lstm_cell, dtype="float32", '
        'only=("c_t",), seed=[0, 1])\n'
    )


def test_gaps_in_memory_survive_the_copy():
    def keeps(o, c):
        assert not o.flags.c_contiguous
        return o * np.tanh(c)

    check("hidden_state", keeps, contiguous=False)
