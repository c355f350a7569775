"""Which sets of mistakes may do what a function does: looked for among thousands, in little time.

All sets are run once, on the same inputs; what runs have in common is computed once. Of each item
of a result two numbers are kept, what it is and a sum of its values.
"""

import functools
import itertools
import math
import zlib

import numpy as np

from lstm_check.behaviour import arrays
from lstm_check.lines import Runner

MOST = 10_000  # sets of mistakes that are looked through


class Sieve:
    """The edits of one exercise, and what they do with the same arguments.

    Parameters
    ----------
    source : Source
    keys : list of str
        The items of a result.
    mistakes : list of Mistake
        All of them edits.
    arguments : dict
    """

    def __init__(self, source, keys, mistakes, arguments):
        self.keys, self.mistakes, self.run = keys, mistakes, Runner(source, arguments)
        self.lines = [source.touched(dict(m.edits)) for m in mistakes]

    @functools.cache  # noqa: B019
    def sets(self, n):
        """Return all sets of n mistakes in different lines; none if there are too many.

        A line that a mistake leaves without use is one of its lines.
        """
        if math.comb(len(self.mistakes), n) > MOST:
            return []
        numbers = itertools.combinations(range(len(self.mistakes)), n)
        apart = np.array([[a.isdisjoint(b) for b in self.lines] for a in self.lines])
        return [
            tuple(self.mistakes[k] for k in one)
            for one in numbers
            if all(apart[pair] for pair in itertools.combinations(one, 2))
        ]

    @functools.cache  # noqa: B019
    def _marks(self, n):
        known = {}
        runs = (self.run(together(combination)) for combination in self.sets(n))
        marks = np.array([_marks(result, self.keys, known) for result in runs])
        self.run.known.clear()  # it is all looked up in the marks from now on
        return marks

    def alike(self, n, got, looked_at):
        """Return the sets of n mistakes that may do what was done with the arguments.

        Parameters
        ----------
        n : int
        got : Behaviour
        looked_at : list of int
            Which items.
        """
        if not self.sets(n):
            return []
        theirs = np.array(_marks(got.error or got.result, self.keys, {}))
        fits = np.isclose(self._marks(n), theirs, 1e-6, 1e-8)[:, looked_at].all(axis=(1, 2))
        return [self.sets(n)[k] for k in np.flatnonzero(fits)]


def together(combination):
    """Return the edits of several mistakes, {line name: what stands there}."""
    return {name: text for mistake in combination for name, text in mistake.edits}


def _marks(result, keys, known):
    """Return two numbers for each item of a result: what it is, and a sum of its values.

    Those of arrays are kept in `known`, together with the array, so that its id stays its own.
    """
    items = _parts(result, keys) or [result]
    marks = []
    for item in items:
        if id(item) not in known:
            known[id(item)] = item, _mark(item)
        marks.append(known[id(item)][1])
    return marks if len(marks) == len(keys) else marks * len(keys)


def _parts(result, keys):
    """Return the items of a result, or None if these are not what it consists of."""
    if isinstance(result, dict) and all(key in result for key in keys):
        return [result[key] for key in keys]
    if isinstance(result, tuple | list) and len(result) == len(keys):
        return result
    return [result] if len(keys) == 1 else None


def _mark(item):
    if isinstance(item, np.ndarray) and item.dtype == float:
        return _kind(item.shape), _sum(item)
    found = arrays(item)
    kind = [(label, leaf.shape, leaf.dtype.kind == "f") for label, leaf in found]
    # What holds no numbers is an error, or something like None.
    kind = kind or f"{type(item).__name__}: {item}"
    return _kind(kind), sum(_sum(leaf.astype(float)) for _, leaf in found)


def _kind(words):
    return zlib.crc32(repr(words).encode()) / 2**32


def _sum(array):
    total = array.ravel() @ _weights(array.size)
    if math.isfinite(total):
        return float(total)
    finite = np.nan_to_num(array.ravel(), nan=1e6, posinf=1e7, neginf=-1e7)
    return float(finite @ _weights(array.size))


@functools.cache
def _weights(size):
    return np.cos(1.7 * np.arange(size) + 0.3)
