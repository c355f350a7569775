"""fast gives what lstm gives: values, shapes, dtypes, and the words when a shape is wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ref import LSTMParams, check_gradients, fast, lstm

FLOATS = [np.float32, np.float64]
NAMES = ["x", "W", "b", "h0", "c0", "dh", "dh_T", "dc_T"]
OPTIONAL = ["h0", "c0", "dh_T", "dc_T"]
SIZES = {"T": st.integers(0, 6), "B": st.integers(0, 4), "D": st.integers(0, 5)}
PROBLEMS = st.fixed_dictionaries(SIZES | {"H": st.integers(1, 5), "seed": st.integers(0, 2**16)})
on_many_problems = settings(deadline=None, derandomize=True, max_examples=150)


def arrays_of(case):
    given = case._asdict()
    params = given.pop("params")
    return given | {"W": params.W, "b": params.b}


def run(module, arrays, backward=None):
    """Return all that a module's two functions give for these arrays, by name."""
    params = LSTMParams(arrays["W"], arrays["b"])
    h, (h_T, c_T), cache = module.lstm_forward(arrays["x"], params, arrays["h0"], arrays["c0"])
    backward = backward or module.lstm_backward
    grads = backward(cache, arrays["dh"], arrays["dh_T"], arrays["dc_T"])
    results = {"h": h, "h_T": h_T, "c_T": c_T, "cache.h": cache.h, "cache.c": cache.c}
    results |= cache.gates._asdict()
    results |= {"d" + name: getattr(grads, name) for name in ("x", "h", "c", "h0", "c0")}
    return results | {"dW": grads.params.W, "db": grads.params.b}


def assert_same(agree, arrays, tol):
    expected = run(lstm, arrays)
    for name, a in run(fast, arrays).items():
        assert a.dtype == expected[name].dtype, name
        agree(a, expected[name], tol, name, least=0.01)


@given(PROBLEMS, st.sampled_from([0.1, 1.0, 3.0, 1e4]), st.sets(st.sampled_from(OPTIONAL)))
@on_many_problems
def test_same_values(draw, agree, problem, scale, left_out):
    arrays = arrays_of(draw(scale=scale, **problem))
    assert_same(agree, arrays | dict.fromkeys(left_out), 1e-12)


@given(PROBLEMS, st.lists(st.sampled_from(FLOATS), min_size=8, max_size=8), st.sampled_from(NAMES))
@on_many_problems
def test_same_dtypes(draw, agree, problem, dtypes, complex_one):
    """Of float32 and float64 in any mixture, and with one argument complex."""
    arrays = arrays_of(draw(scale=0.5, **problem))
    for name, dtype in zip(NAMES, dtypes, strict=True):
        arrays[name] = arrays[name].astype(dtype)
    assert_same(agree, arrays, 1e-4)
    arrays[complex_one] = arrays[complex_one] * (1 + 0.1j)
    assert_same(agree, arrays, 1e-4)


@given(PROBLEMS)
@on_many_problems
def test_each_takes_the_cache_of_the_other(draw, agree, problem):
    arrays = arrays_of(draw(**problem))
    expected = run(lstm, arrays)
    for forward, backward in ((lstm, fast.lstm_backward), (fast, lstm.lstm_backward)):
        for name, a in run(forward, arrays, backward).items():
            agree(a, expected[name], name=name, least=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_nan_reaches_the_same_places(draw, name):
    arrays = arrays_of(draw(T=4, B=3))
    arrays[name] = arrays[name].copy()
    arrays[name].flat[arrays[name].size // 2] = np.nan
    expected = run(lstm, arrays)
    assert any(np.isnan(a).any() for a in expected.values())
    for key, a in run(fast, arrays).items():
        np.testing.assert_array_equal(np.isnan(a), np.isnan(expected[key]), key)


@pytest.mark.parametrize("name", ["x", "h0", "c0", "dh", "dh_T", "dc_T"])
def test_same_words_for_a_wrong_shape(draw, name):
    """Too few axes, too many, and one element too many along each."""
    arrays = arrays_of(draw(T=3, B=2, D=5, H=4))
    shape = arrays[name].shape
    wrong = [shape[1:], (*shape, 1)]
    wrong += [tuple(n + (k == axis) for k, n in enumerate(shape)) for axis in range(len(shape))]
    said = {}
    for module in (lstm, fast):
        said[module] = []
        for shape in wrong:
            try:
                run(module, arrays | {name: np.zeros(shape)})
            except ValueError as error:
                said[module].append(f"{shape}: {error}")
    assert said[fast] == said[lstm]
    assert len(said[lstm]) >= len(wrong) - 1  # T is for x to say


def test_words_for_something_that_is_no_array(draw):
    params = draw().params
    for x in (0.0, None, [1.0, 2.0]):
        for module in (lstm, fast):
            with pytest.raises(ValueError, match=r"^x: expected shape \(T, B, D=3\), got \(.*\)$"):
                module.lstm_forward(x, params)


def test_gradients_are_those_of_the_complex_step(draw):
    case = draw()
    error = check_gradients(case.x, case.params, case.h0, case.c0, backward=fast.lstm_backward)
    assert error <= 1e-13
