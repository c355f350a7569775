"""Results of several arrays: each rung names the item, and warnings and lines are told."""

import functools

import numpy as np
import pytest

import lstm_check
from lstm_check import CheckError
from lstm_check.exercises import EXERCISES
from lstm_check.exercises.cell import lstm_cell as right_cell
from lstm_check.mistakes import MISTAKES, bank_of


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


def test_items_that_are_not_in_a_dict_are_no_items():
    def values_only(*arguments):
        return tuple(EXERCISES["cell_backward"].reference(*arguments).values())

    message = failure("cell_backward", values_only, only=("h_prev", "c_prev")).message
    assert message == "cell_backward returns a tuple; expected a dict with h_prev and c_prev."


def test_names_more_than_asked_for_hide_no_mistake():
    def lstm_backward(dh, caches, params, dh_T, dc_T):
        right = EXERCISES["lstm_backward"].reference(dh, caches, params, dh_T, dc_T)
        return {**right, "x": right["x"][::-1], "x_t": right["x"][0]}

    with pytest.raises(CheckError) as caught:
        check("lstm_backward", lstm_backward)
    assert caught.value.mistake == "x in the order of the loop"


def test_two_mistakes_are_told_by_what_is_not_looked_at():
    """Of those that give the same biases, weights that are right show which one it is."""
    known = {mistake.name: mistake for mistake in MISTAKES["cell_backward"]}
    pair = known["biases' mean over the batch"], known["o missing on the way to c_t"]
    with pytest.raises(CheckError) as caught:
        check("cell_backward", bank_of("cell_backward").wrong(pair), only=("b_f", "b_c"))
    assert "Weights and biases have gradients divided by B" not in caught.value.message
    assert "The biases' gradients are means over examples" in caught.value.message


def test_an_axis_of_two_parts_is_called_by_both():
    with pytest.raises(CheckError, match=r"The axes are examples, hidden units \+ inputs\."):
        check("stack", lambda h_prev, x_t: np.concatenate([h_prev, x_t, x_t], axis=1))
