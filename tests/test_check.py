"""`check` names the first thing that is wrong, in three short lines, and passes what is right."""

import collections
import functools
import re
import warnings

import numpy as np
import pytest

import lstm_check
from honest.gates import GATE
from lstm_check import CheckError
from lstm_check.exercise import Size
from lstm_check.exercises import EXERCISES
from lstm_ref import sigmoid


def check(name, function, **case):
    """Check a function without looking at what it imports: these use `lstm_ref`."""
    function = functools.partial(function) if callable(function) else function
    return lstm_check.check(name, function, **case)


def failure(function, name="forget_gate", **case):
    with pytest.raises(CheckError) as caught:
        check(name, function, **case)
    error = caught.value
    lines = error.message.splitlines()
    assert len(lines) <= 3
    assert max(map(len, lines)) <= 83
    assert error.function == name
    assert error.section
    assert error.metadata == {
        "function": name,
        "mistake": error.mistake,
        "section": error.section,
        "message": error.message,
    }
    assert name in lines[0]
    assert error._render_traceback_() == lines
    return error.mistake, error.message


def right(hx, W_f, b_f):
    return sigmoid(hx @ W_f.T + b_f)


def raises(hx, W_f, b_f):
    return sigmoid(hx @ W_f + b_f)


def changes(hx, W_f, b_f):
    hx *= 2
    return sigmoid(hx / 2 @ W_f.T + b_f)


def is_nan(hx, W_f, b_f):
    z = hx @ W_f.T + b_f
    return np.exp(z) / (1 + np.exp(z))


@pytest.mark.parametrize(
    ("function", "mistake", "said"),
    [
        (np.zeros(3), "not a function", "now holds a ndarray"),
        (raises, "weights not transposed", "ValueError at: return sigmoid(hx @ W_f + b_f)"),
        (lambda *a: right(*a)[7], "error", "IndexError at: (lambda"),
        (lambda hx: hx, "error", "takes 1 positional argument but 3 were given"),
        (lambda *a: None, "none", "returns None; expected an array of shape (2, 4)"),
        (lambda *a: (right(*a),), "type", "returns a tuple"),
        (lambda *a: right(*a).tolist(), "type", "np.array makes an array of a list"),
        (lambda *a: right(*a).sum(), "type", "one number"),
        (lambda *a: right(*a)[:, :2], "shape", "(B, H) = (2, 4), got (2, 2)"),
        (lambda *a: right(*a)[..., None], "shape", "got (2, 4, 1)"),
        (lambda *a: right(*a).T, "result transposed", "the right one transposed"),
        (lambda *a: right(*a)[None], "extra axis", "one axis too many"),
        (lambda *a: right(*a) > 0.5, "dtype", "expected dtype float64, got bool"),
        (lambda *a: right(*a).astype(object), "dtype", "got object"),
        (lambda *a: right(*a).astype(np.float32), "dtype", "Keep the precision"),
        (lambda *a: right(*a) * np.nan, "not finite", "8 of 8 values are not finite"),
        (changes, "argument changed", "changes its argument hx"),
        (lambda *a: a[0][:, :4] ** 3, "W_f and b_f not used", "8 of 8 values are wrong."),
        (lambda *a: 0 * right(*a), "zeros", "Your values are all 0."),
        (lambda *a: right(*a) + 2, "by a constant", "is the right one and 2 more"),
        (lambda *a: 3 * right(*a), "by a factor", "3 times the right one"),
        (lambda *a: right(*a).round(3), "rounded", "rounded to 3 decimals"),
        (lambda *a: right(*a).clip(-0.7, 0.7), "clipped", "cut off at 0.7 and -0.7"),
        (lambda *a: right(*a)[::-1], "reversed", "the last first"),
        (lambda *a: right(*a) * (1 + 1e-5 * a[2]), "precision", "digits are right"),
        (lambda hx, W, b: 3 * right(hx, W, b) ** hx[:, :1], "values", "lie between 0 and 1; yours"),
    ],
)
def test_each_rung_has_its_message(function, mistake, said):
    found, message = failure(function, scale=1.0)
    assert found == mistake
    assert said in message


@pytest.mark.parametrize(("value", "mistake"), [(0, "zeros"), (0.5, "values"), (1, "values")])
def test_one_number_for_all_is_not_taken_for_right_values_rounded_or_cut_off(value, mistake):
    # Of few values, all are near it now and then: the name would hang on the draw.
    def constant(hx, W_f, b_f):
        return np.full((hx.shape[0], len(b_f)), value) + 0 * right(hx, W_f, b_f)

    found = collections.Counter(failure(constant, seed=seed)[0] for seed in range(300))
    assert found == {mistake: 300}


def test_of_one_value_no_factor_is_made():
    def squared(*arguments):
        return right(*arguments) ** 2

    mistake, message = failure(squared, batch=1, hidden_size=1)
    assert mistake == "values", message


def test_a_slow_function_is_not_called_again_and_again(monkeypatch):
    calls = []

    def slow(*arguments):
        calls.append(None)
        return right(*arguments) ** 2

    monkeypatch.setattr("time.monotonic", lambda: 3.0 * len(calls))  # three seconds each
    mistake, message = failure(slow)
    assert mistake == "values"
    assert "8 of 8 values are wrong" in message
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("name", "option", "said"),
    [
        ("forget_gat", "batch", "no exercise 'forget_gat'; did you mean forget_gate?"),
        ("forget_gate", "bach", "no option 'bach'; did you mean batch?"),
        ("forget_gate", "T", "no option 'T'; did you mean steps or batch or"),
    ],
)
def test_a_check_with_a_slip_says_what_was_meant(name, option, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        lstm_check.check(name, right, **{option: 3})


def test_an_unwritten_function_is_told_from_a_wrong_one():
    def stub(hx, W_f, b_f):
        raise NotImplementedError

    mistake, message = failure(stub)
    assert mistake == "not written"
    assert "not written yet" in message


def test_worst_value_is_shown_with_its_place():
    def one_wrong(*arguments):
        f = right(*arguments)
        f[1, 2] += 2e-3
        f[0, 3] += 1e-3
        return f

    mistake, message = failure(one_wrong, seed=3)
    rng = np.random.default_rng(3)
    inputs = EXERCISES["forget_gate"].draw(rng, Size(T=5, B=2, D=3, H=4, scale=1.0))
    expected = right(*inputs.values())[1, 2]
    assert mistake == "values"
    assert "2 of 8 values are wrong." in message
    assert f"Worst at [1, 2]: expected {expected:.6g}, got {expected + 2e-3:.6g}." in message


def test_one_is_no_plural():
    def first(change):
        def function(*arguments):
            f = right(*arguments)
            f[0, 0] += change
            return f

        return function

    assert "1 of 8 values is wrong." in failure(first(1e-3))[1]
    assert "1 of 8 values is not finite." in failure(first(np.nan))[1]
    assert "1 of 1 value is wrong." in failure(first(1e-3), batch=1, hidden_size=1)[1]
    only = failure(lambda *a: (EXERCISES["lstm_cell"].reference(*a)[0],), "lstm_cell")[1]
    assert "lstm_cell returns 1 value; expected 2 arrays" in only
    assert "rounded to 1 decimal;" in failure(lambda *a: right(*a).round(1))[1]


def test_values_that_look_equal_get_more_digits():
    _, message = failure(lambda *a: right(*a) + 2e-8)
    expected, got = message.splitlines()[1].split("expected ")[1].rstrip(".").split(", got ")
    assert float(got) - float(expected) == pytest.approx(2e-8, rel=1e-3)


def test_saturation_is_found():
    check("forget_gate", is_nan, scale=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mistake, message = failure(is_nan, scale=1000)
    assert mistake == "nan when saturated"
    assert "inf / inf" in message
    assert message.startswith("forget_gate with numbers up to 1000: some of your values")


def test_a_broken_argument_does_not_excuse_the_result():
    def cell_state(f, c_prev, i, c_tilde):
        c_prev *= f
        c_prev += i * c_tilde
        return c_prev

    mistake, message = failure(cell_state, "cell_state")
    assert mistake == "argument changed"
    assert "c_prev" in message


@pytest.mark.parametrize("function", GATE)
@pytest.mark.parametrize(
    "case",
    [{}, {"batch": 1, "hidden_size": 1}, {"scale": 1000}, {"dtype": "float32"}],
    ids=["default", "ones", "saturated", "float32"],
)
def test_honest_forms_pass(function, case, capsys):
    for seed in range(5):
        check("forget_gate", function, seed=seed, **case)
    said = capsys.readouterr()
    assert said.out.count("forget_gate: correct.") == 5
    # nbgrader gives nothing for a test that writes to stderr.
    assert said.err == ""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_float32_arguments_allow_both_precisions(dtype):
    check("forget_gate", lambda *a: right(*a).astype(dtype), dtype="float32")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes_on_all_inputs(name):
    for case in [{}, {"scale": 1000}, {"dtype": "float32"}, {"contiguous": False}]:
        # A number here would be taken for the points of the cell.
        assert check(name, EXERCISES[name].reference, **case) is None
