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


def result_dtype(*arrays):
    """Return the dtype, a float or complex one, that holds all `arrays`; None is skipped."""
    dtype = np.result_type(*(np.asarray(a) for a in arrays if a is not None))
    return dtype if np.issubdtype(dtype, np.inexact) else np.dtype(float)


def initial_state(name, state, B, H):
    """Return `state` as an array of shape (B, H), or 0 where it is None."""
    if state is None:
        return 0
    state = np.asarray(state)
    check_shapes({"B": B, "H": H}, **{name: (state, "B H")})
    return state
