"""An array that a submission returned: NumPy computes with it only once somebody has looked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

# These look at an array, and compute nothing with it.
_LOOKS = {np.isfinite, np.isnan, np.isinf, np.shape, np.ndim, np.size, np.array_repr}
_LOOKS |= {np.array_str, np.array2string, np.array_equal, np.iscomplexobj, np.isrealobj}


class Answer(np.ndarray):
    """An array of a submission.

    NumPy computes with it if it is finite, and together only with numbers and
    arrays of its own shape; it then makes plain arrays. Anything else is a
    TypeError: nobody has looked at this array yet. ``np.asarray(answer)`` is
    the plain array.
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute, if it may."""
        if ufunc.signature or method == "outer":
            raise TypeError(UNSEEN.format(ufunc.__name__))
        if ufunc not in _LOOKS:
            _check([*inputs, *options.values()])
        return getattr(ufunc, method)(*plain(inputs), **plain(options))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Compute, if it may."""
        if function not in _LOOKS:
            _check([*args, *kwargs.values()])
        return function(*plain(args), **plain(kwargs))

    def dot(self, *args: Any, **options: Any) -> Any:
        """Compute, if it may; NumPy's own method would not ask."""
        return np.dot(self, *args, **options)


UNSEEN = (
    "np.{} computes with an array that the submission returned: look at its type, shape and "
    "values first, then make a plain one with np.asarray."
)


def _check(values: Iterable[Any]) -> None:
    arrays = [leaf for leaf in _leaves(values) if isinstance(leaf, np.ndarray)]
    for array in arrays:
        if not isinstance(array, Answer):
            continue
        seen = array.view(np.ndarray)
        if seen.dtype.kind in "fc" and not np.isfinite(seen).all():
            raise TypeError("The submission returned an array with values that are not finite.")
        for other in arrays:
            if other.size != 1 and other.shape != seen.shape:
                raise TypeError(
                    f"The submission returned an array of shape {seen.shape}; "
                    f"here it meets one of shape {other.shape}."
                )


def _leaves(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _leaves(value)
        else:
            yield value


def plain(value: Any) -> Any:
    """Return a value in which arrays of a submission are plain arrays."""
    if isinstance(value, Answer):
        return value.view(np.ndarray)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    return value


def answer(value: Any) -> Any:
    """Return a value that came over the border, with its arrays marked as such."""
    if isinstance(value, np.ndarray):
        return value.view(Answer)
    if isinstance(value, dict):
        return {key: answer(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(answer, value))
    return value
