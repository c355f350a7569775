"""Mistakes of training: weights cannot be compared, so what they do on sequences tells them."""

from dataclasses import replace

import numpy as np

from lstm_check.lines import Source
from lstm_check.notation import read


def read_trained(text, by_hand, failure, seen, **functions):
    """Read mistakes of a function that trains, as `read` does.

    Parameters
    ----------
    text : str
        What stands in the line ``return`` makes of right ``weights`` such that do what those do
        that come of the mistake.
    by_hand : callable
        Returns right weights, of the arguments.
    failure : callable
        ``failure(weights, arguments)`` returns the name of a mistake, or "". It gets finite
        weights of the right names and shapes only.
    seen : dict of callable
        By name, ``seen(arguments, weights)`` of mistakes that other weights show.
    **functions
        What the code uses, or is.

    Returns
    -------
    list of Mistake
    """
    last = [None, None, ""]

    def failed(arguments, weights):
        if not (last[0] is arguments and last[1] is weights):  # it takes time
            right, name = by_hand(**arguments), ""
            if isinstance(weights, dict) and all(
                isinstance(weights.get(key), np.ndarray)
                and weights[key].shape == a.shape
                and np.isfinite(weights[key]).all()
                for key, a in right.items()
            ):
                name = failure({key: weights[key] for key in right}, arguments)
            last[:] = arguments, weights, name
        return last[2]

    def fails_as(name):
        return lambda arguments, weights: failed(arguments, weights) == name

    source = Source(
        "def trained(*arguments):\n    weights = by_hand(*arguments)\n    return weights",
        by_hand=by_hand,
        **functions,
    )
    seen = {"not finite": _not_finite, **seen}
    return [
        replace(mistake, edits=(), seen=seen.get(mistake.name) or fails_as(mistake.name))
        for mistake in read(source, text, **functions)
    ]


def correlation(a, b):
    """Return how two rows of numbers go together; 0 if the first does not vary."""
    return np.corrcoef(a, b)[0, 1] if a.std() > 1e-6 else 0.0


def _not_finite(arguments, weights):
    return isinstance(weights, dict) and any(
        isinstance(a, np.ndarray) and a.dtype.kind == "f" and not np.isfinite(a).all()
        for a in weights.values()
    )
