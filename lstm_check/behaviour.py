"""What a function does with given arguments, and whether two functions do the same."""

import contextlib
import sys
import warnings
from dataclasses import dataclass

import numpy as np

WARN = {"divide": "warn", "over": "warn", "invalid": "warn", "under": "ignore"}


@dataclass(frozen=True)
class Behaviour:
    """What a call did: its result or its error, its warnings, the arguments afterwards."""

    result: object
    error: Exception | None
    warned: frozenset
    arguments: dict


def behave(function, arguments, state=None):
    """Call a function by position with copies of `arguments`, a dict.

    `state` is what NumPy does about errors, as from `numpy.geterr`; it warns by default.
    """
    given = copied(arguments)
    result = error = None
    # nbgrader takes anything on stderr for an error.
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(**(state or WARN)),
        contextlib.redirect_stderr(sys.stdout),
    ):
        warnings.simplefilter("always")
        try:
            result = function(*given.values())
        except Exception as raised:
            error = raised
    warned = {str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)}
    return Behaviour(result, error, frozenset(warned), given)


def alike(a, b, rtol, atol, warnings=False):
    """Return whether two behaviours cannot be told apart."""
    if a.error or b.error:
        return type(a.error) is type(b.error) and str(a.error) == str(b.error)
    return (
        close(a.result, b.result, rtol, atol)
        and close(a.arguments, b.arguments, rtol, atol)
        and (a.warned == b.warned or not warnings)
    )


def close(a, b, rtol, atol):
    """Return whether two results have the same structure and, about, the same values."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key], rtol, atol) for key in a)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(close(x, y, rtol, atol) for x, y in zip(a, b, strict=True))
    if not (is_numeric(a) and is_numeric(b)):
        return isinstance(a, (str, type(None))) and type(a) is type(b) and a == b
    a, b = np.asarray(a), np.asarray(b)
    same_kind = (a.dtype.kind == "f") == (b.dtype.kind == "f")
    return same_kind and a.shape == b.shape and np.allclose(a, b, rtol, atol, equal_nan=True)


def is_numeric(value):
    """Return whether a value is a number or an array of real numbers or booleans."""
    known = isinstance(value, (np.ndarray, np.generic, int, float))
    return known and np.asarray(value).dtype.kind in "fiub"


def is_float(leaf):
    """Return whether it is an array of real numbers."""
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"


def mapped(function, value):
    """Apply a function to each leaf of dicts and tuples within each other."""
    if isinstance(value, dict):
        return {key: mapped(function, item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(mapped(function, item) for item in value)
    return function(value)


def gapped(array):
    """Return an array of the same values that lies in memory with gaps."""
    return np.repeat(array, 2, -1)[..., ::2] if array.ndim else array


def copied(value):
    """Return a copy of all arrays in it; those that lie in memory with gaps still do."""

    def copy(leaf):
        if not isinstance(leaf, np.ndarray):
            return leaf
        return leaf.copy() if leaf.flags.c_contiguous else gapped(leaf)

    return mapped(copy, value)


def arrays(value):
    """Return the numbers and arrays of numbers in it, as arrays, each behind how it is reached."""
    return [(label, np.asarray(leaf)) for label, leaf in leaves(value) if is_numeric(leaf)]


def widened(arguments):
    """Return arguments in float64."""
    return mapped(lambda leaf: leaf.astype(float) if is_float(leaf) else leaf, arguments)


def plain(leaf):
    """Return a leaf that was looked at: an array of a submission as a plain one."""
    return np.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf


def leaves(value, label=""):
    """Yield each leaf of dicts and tuples within each other, with how Python would reach it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{label}[{key!r}]")
    elif isinstance(value, (tuple, list)):
        for k, item in enumerate(value):
            yield from leaves(item, f"{label}[{k}]")
    else:
        yield label, value
