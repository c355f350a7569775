"""`check`: climb from "returns None" to "wrong values", stop at the first rung that fails."""

import contextlib
import functools
import os

import numpy as np

from lstm_check import rungs
from lstm_check.bank import recognise
from lstm_check.behaviour import alike, behave, mapped
from lstm_check.errors import CheckError
from lstm_check.exercise import Size
from lstm_check.exercises import EXERCISES, MODULES

# Far above what another order of operations costs, far below any mistake.
_TOLERANCE = {"float64": (1e-8, 1e-10), "float32": (1e-4, 1e-5)}

# Where mistakes differ that look the same elsewhere: no two sizes are equal, none is 1.
_TELLING = Size(T=4, B=3, D=2, H=5, scale=1.0)
_SMALL = _TELLING._replace(scale=0.01)


def check(
    name,
    function,
    *,
    steps=5,
    batch=2,
    input_size=3,
    hidden_size=4,
    scale=1.0,
    dtype="float64",
    contiguous=True,
    only=None,
    parts=None,
    seed=0,
):
    """Compare a student's function with the reference on random inputs.

    A right function prints one line. What it prints itself is no mistake, on
    stderr either, nor is a warning where the exercise does not say so.

    Parameters
    ----------
    name : str
        Which exercise it is, such as ``"forget_gate"``.
    function : callable
        The student's function. It gets its arguments by position.
    steps, batch, input_size, hidden_size : int
        T, B, D and H of the inputs.
    scale : float
        How large the inputs are; at 1000 every gate is saturated.
    dtype : str
        ``"float64"`` or ``"float32"``: of the inputs, and the least precision
        of the result.
    contiguous : bool
        Whether the arrays lie in memory without gaps.
    only : tuple of str, optional
        The items of a result of several to look at; all by default.
    parts : dict of callable, optional
        The student's own functions that this one calls. Where one of them is
        wrong, what is right given that part passes too.
    seed : int or list of int
        The inputs are drawn from it. An int is joined by the number in the
        environment variable ``LSTM_GRADE_SEED``, if there is one; a failed
        check then prints the list that draws the same inputs again.

    Raises
    ------
    CheckError
        At the first thing that is wrong.
    """
    options = {key: value for key, value in locals().items() if key not in ("name", "function")}
    exercise = EXERCISES[name]
    size = Size(steps, batch, input_size, hidden_size, scale)
    rtol, atol = _TOLERANCE[dtype]
    tolerance = (max(rtol, exercise.rtol or 0), atol)
    seed, graded = _mix(seed)
    draw = functools.partial(_draw, exercise, dtype=dtype, contiguous=contiguous)

    rungs.check_function(name, function, MODULES[name], exercise.section)
    arguments = draw(size, seed)
    got = behave(function, arguments)
    try:
        rungs.climb(name, exercise, got, arguments, tolerance, dtype, only, size)
    except CheckError as error:
        parts = parts or {}
        if parts and hasattr(function, "given"):  # graded: nothing of the student's vouches
            right = function.given(**{part: EXERCISES[part].reference for part in parts})
            with contextlib.suppress(CheckError):
                again = behave(right, arguments)
                rungs.climb(name, exercise, again, arguments, tolerance, dtype, only, size)
                print(f"{name}: correct with a right {' and '.join(parts)} in place of yours.")
                return
            parts = {}
        redrawn = draw(size, _and(seed, 2))
        if parts and _right_given(name, exercise, parts, got, arguments, redrawn, tolerance):
            own = " and ".join(parts)
            print(f"{name}: correct given your own {own}, which is not right yet.")
            return
        error.section = error.section or str(exercise.section)
        tellings = [draw(size, _and(seed, 1)) for size in (_TELLING, _SMALL)]
        cases = [arguments, *tellings]
        better = recognise(name, exercise, function, parts, got, cases, tolerance, only, error)
        if graded:
            print(_again(name, {**options, "seed": seed}))
        raise better from None
    print(f"{name}: correct{_for(exercise, size, dtype)}.")


def _mix(seed):
    """Return what to draw from, and whether the work is being graded."""
    graded = os.environ.get("LSTM_GRADE_SEED")
    if not graded or isinstance(seed, list):
        return seed, False
    return [seed, int(graded)], True


def _and(seed, number):
    return [*(seed if isinstance(seed, list) else [seed]), number]


def _draw(exercise, size, seed, dtype, contiguous):
    def convert(leaf):
        if not isinstance(leaf, np.ndarray) or leaf.dtype.kind != "f":
            return leaf
        leaf = leaf.astype(dtype)
        return leaf if contiguous or not leaf.ndim else np.repeat(leaf, 2, axis=-1)[..., ::2]

    return mapped(convert, exercise.draw(np.random.default_rng(seed), size))


def _right_given(name, exercise, parts, got, arguments, redrawn, tolerance):
    """Return whether a function does what the right one does with the student's own parts."""
    right = behave(functools.partial(exercise.reference, **parts), arguments)
    if right.error:
        if got.error:
            rungs.check_parts(name, parts, got.error, right.error, exercise.section)
        return False
    if not alike(got, right, *tolerance, exercise.warnings):
        return False
    rungs.check_driven(name, exercise, parts, got, arguments, redrawn, tolerance)
    return True


def _for(exercise, size, dtype):
    """Return the sizes that matter, in words."""
    sizes = [(letter, getattr(size, letter)) for letter in exercise.sizes]
    said = [f"{letter} = {rungs.counted(n, rungs.AXES[letter])}" for letter, n in sizes]
    said += [f"scale {size.scale:g}"] if size.scale != 1 else []
    said += [dtype] if dtype != "float64" else []
    return f" for {', '.join(said)}" if said else ""


def _again(name, options):
    """Return the call that checks on the same inputs again."""
    usual = check.__kwdefaults__
    said = [
        name,
        *(f"{key}={_code(value)}" for key, value in options.items() if value != usual[key]),
    ]
    return f'The same inputs again: check("{name}", {", ".join(said)})'


def _code(value):
    if isinstance(value, dict):  # parts: functions
        return f"{{{', '.join(f'{chr(34)}{part}{chr(34)}: {part}' for part in value)}}}"
    return repr(value).replace("'", '"')
