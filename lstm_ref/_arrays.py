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


def check_sequence(x, params, **states):
    """Check what a forward pass over a sequence is given.

    Parameters
    ----------
    x : array_like, shape (T, B, D)
    params : LSTMParams or RNNParams
    **states : array_like, shape (B, H), or None
        Initial states by name; None stands for zeros.

    Returns
    -------
    x, *states : ndarray
    dtype : numpy.dtype
        That of the results, which all arguments decide.

    Raises
    ------
    ValueError
        As from `check_shapes`.
    """
    x = as_float(x)
    check_shapes({"D": params.input_size}, x=(x, "T B D"))
    states = _states(x.shape[1], params.hidden_size, states)
    return x, *states, np.result_type(x, params.W, params.b, *states)


def check_upstream(h, dh, **final):
    """Check what a backward pass over a sequence is given.

    Parameters
    ----------
    h : ndarray, shape (T + 1, B, H)
        The hidden states of the forward pass.
    dh : array_like, shape (T, B, H)
    **final : array_like, shape (B, H), or None
        Gradients of the final states by name; None stands for zeros.

    Returns
    -------
    dh, *final : ndarray
    dtype : numpy.dtype
        That of the gradients.

    Raises
    ------
    ValueError
        As from `check_shapes`.
    """
    dh = as_float(dh)
    steps, B, H = h.shape
    check_shapes({"T": steps - 1, "B": B, "H": H}, dh=(dh, "T B H"))
    final = _states(B, H, final)
    return dh, *final, np.result_type(h, dh, *final)


def _states(B, H, states):
    """Return the states, checked, as arrays of shape (B, H); 0 for None."""
    arrays = {name: as_float(state) for name, state in states.items() if state is not None}
    check_shapes({"B": B, "H": H}, **{name: (array, "B H") for name, array in arrays.items()})
    return [arrays.get(name, 0) for name in states]
