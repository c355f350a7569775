"""`check`: climb from "returns None" to "wrong values" and stop at the first rung that fails."""

import contextlib
import sys
import textwrap
import traceback
import warnings

import numpy as np

from lstm_check.errors import CheckError
from lstm_check.exercises import EXERCISES

# `nbgrader validate` cuts what is longer.
_WIDTH = 83

# Far above what another order of operations costs, far below any mistake.
_TOLERANCE = {"float64": {"rtol": 1e-8, "atol": 1e-10}, "float32": {"rtol": 1e-4, "atol": 1e-5}}


def check(
    name, function, *, batch=2, input_size=3, hidden_size=4, scale=1.0, dtype="float64", seed=0
):
    """Compare a student's function with the reference on random inputs.

    A right function prints one line. Warnings are no mistake, nor is what the
    function prints, on stderr either.

    Parameters
    ----------
    name : str
        Which exercise it is, such as ``"forget_gate"``.
    function : callable
        The student's function. It gets arrays, by position.
    batch, input_size, hidden_size : int
        B, D and H of the inputs.
    scale : float
        How large z and the cell states are; at 1000 every gate is saturated.
    dtype : str
        ``"float64"`` or ``"float32"``: of the inputs, and the least precision
        of the result.
    seed : int
        The inputs are drawn from it.

    Raises
    ------
    CheckError
        At the first thing that is wrong.
    """
    exercise = EXERCISES[name]
    rng = np.random.default_rng(seed)
    drawn = exercise.draw(rng, batch, input_size, hidden_size, scale)
    inputs = {argument: array.astype(dtype) for argument, array in drawn.items()}
    expected = exercise.reference(*(array.astype(float) for array in inputs.values()))

    given = {argument: array.copy() for argument, array in inputs.items()}
    got = _call(name, function, given)

    _check_kind(name, got, expected)
    sizes = f"B = {batch} examples, D = {input_size} inputs, H = {hidden_size} hidden units"
    if got.shape != expected.shape:
        _fail(
            name,
            "shape",
            f"{name}: expected shape (B, H) = {expected.shape}, got {got.shape}.",
            f"Here {sizes}.",
            "Each row is an example, each column a hidden unit.",
        )
    _check_dtype(name, got, np.dtype(dtype))
    _check_finite(name, got, expected)
    _check_unchanged(name, given, inputs)
    _check_values(name, got, expected, exercise, **_TOLERANCE[dtype])
    print(f"{name}: correct for {sizes}.")


def _fail(name, mistake, *lines):
    raise CheckError(name, mistake, "\n".join(_shorten(line) for line in lines)) from None


def _shorten(line):
    """Cut words out of the middle: errors of NumPy say the most at their end."""
    words = line.split()
    if len(" ".join(words)) <= _WIDTH:
        return " ".join(words)
    head = textwrap.wrap(line, _WIDTH // 2 - 1)[0]
    tail = textwrap.wrap(" ".join(reversed(words)), _WIDTH // 2 - 1)[0].split()
    return f"{head} … {' '.join(reversed(tail))}"


def _call(name, function, given):
    """Call the student's function and turn what it raises into a message."""
    if not callable(function):
        _fail(
            name,
            "not a function",
            f"{name} is not a function any more: it now holds a {type(function).__name__}.",
            "Give your variable another name, then run the cell that defines the function.",
        )
    try:
        # nbgrader takes anything on stderr for an error.
        with warnings.catch_warnings(), contextlib.redirect_stderr(sys.stdout):
            warnings.simplefilter("ignore")
            return function(*given.values())
    except NotImplementedError:
        _fail(
            name,
            "not written",
            f"{name} is not written yet: it still raises NotImplementedError.",
            "Put your code in place of that line, run its cell, then run this one.",
        )
    except Exception as error:
        # Frame 0 is the call above; the next one is the student's first.
        frames = traceback.extract_tb(error.__traceback__)[1:]
        line = f" at: {frames[0].line}" if frames and frames[0].line else "."
        shapes = ", ".join(f"{argument} {array.shape}" for argument, array in given.items())
        _fail(
            name,
            "error",
            f"{name} stopped with {type(error).__name__}{line}",
            str(error),
            f"Shapes of the arguments: {shapes}.",
        )


def _check_kind(name, got, expected):
    wanted = f"expected an array of shape {expected.shape}"
    if got is None:
        _fail(
            name,
            "none",
            f"{name} returns None; {wanted}.",
            "Does the function end with a return statement?",
        )
    if isinstance(got, np.ndarray):
        return
    if isinstance(got, tuple):
        hint = "Return one array; a comma after it makes a tuple."
    elif isinstance(got, list):
        hint = "np.array makes an array of a list of rows."
    elif np.isscalar(got):
        hint = "That is one number; there must be one for each example and hidden unit."
    else:
        hint = "Use NumPy functions only, and return what they give."
    _fail(name, "type", f"{name} returns a {type(got).__name__}; {wanted}.", hint)


def _check_dtype(name, got, dtype):
    if got.dtype.kind == "f" and got.dtype.itemsize >= dtype.itemsize:
        return
    if got.dtype.kind == "f":
        hint = "Keep the precision of the arguments: something on the way makes it less."
    else:
        hint = "The values must be real numbers: look for a comparison, a rounding or a list."
    _fail(name, "dtype", f"{name}: expected dtype {dtype}, got {got.dtype}.", hint)


def _check_finite(name, got, expected):
    wrong = ~np.isfinite(got)
    if wrong.any():
        at = tuple(map(int, np.argwhere(wrong)[0]))
        _fail(
            name,
            "not finite",
            f"{name}: {wrong.sum()} of {got.size} values are not finite numbers.",
            f"The first is at {list(at)}: expected {expected[at]:.6g}, got {got[at]}.",
            "np.exp of a large number is inf, and inf / inf or 0 * inf is nan.",
        )


def _check_unchanged(name, given, inputs):
    for argument, before in inputs.items():
        after = given[argument]
        if after.shape == before.shape and np.array_equal(after, before):
            continue
        _fail(
            name,
            "argument changed",
            f"{name} changes its argument {argument}, which its caller still needs.",
            "+=, *=, out= and [...] = write into the array itself: make a new one.",
        )


def _check_values(name, got, expected, exercise, rtol, atol):
    # In units of the tolerance: above 1 is wrong.
    error = np.abs(got - expected) / (atol + rtol * np.abs(expected))
    wrong = error > 1
    if not wrong.any():
        return
    at = np.unravel_index(np.argmax(error), error.shape)
    place = [int(index) for index in at]
    hint = exercise.hint
    if exercise.bounds:
        low, high = exercise.bounds
        if got.min() < low - atol or got.max() > high + atol:
            hint = (
                f"The right values lie between {low:g} and {high:g}; "
                f"yours go from {got.min():.3g} to {got.max():.3g}."
            )
    digits = 6 if f"{got[at]:.6g}" != f"{expected[at]:.6g}" else 12
    _fail(
        name,
        "values",
        f"{name}: {wrong.sum()} of {got.size} values are wrong.",
        f"Worst at {place}: expected {expected[at]:.{digits}g}, got {got[at]:.{digits}g}.",
        hint,
    )
