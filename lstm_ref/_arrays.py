"""Checks and conversions of array arguments, shared by the whole package."""

import numpy as np


def check_shapes(sizes=None, /, **arguments):
    """Compare the shapes of named arguments with symbolic shapes.

    Parameters
    ----------
    sizes : dict, optional
        Sizes already known, such as ``{"H": 4}``. Every other letter takes the
        size it has where it first appears.
    **arguments : (ndarray, str)
        An argument's value and its shape in symbols, such as ``"T B D"``.

    Raises
    ------
    ValueError
        At the first argument that does not fit; it names the argument, the
        expected and the given shape.
    """
    known = dict(sizes or {})
    for name, (array, symbols) in arguments.items():
        symbols = symbols.split()
        fits = array.ndim == len(symbols) and all(
            known.setdefault(symbol, size) == size
            for symbol, size in zip(symbols, array.shape, strict=True)
        )
        if not fits:
            expected = ", ".join(f"{s}={known[s]}" if s in known else s for s in symbols)
            raise ValueError(
                f"{name}: expected shape ({expected}{',' * (len(symbols) == 1)}), got {array.shape}"
            )


def as_float(array):
    """Return `array` as an ndarray; integers and booleans become float64."""
    array = np.asarray(array)
    return array if np.issubdtype(array.dtype, np.inexact) else array.astype(float)


def state_or_zero(name, state, B, H):
    """Return `state`, checked, as an array of shape (B, H); None stands for zeros."""
    if state is None:
        return 0
    state = as_float(state)
    check_shapes({"B": B, "H": H}, **{name: (state, "B H")})
    return state
