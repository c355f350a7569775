"""Which sets of mistakes may do what a function does: looked for among thousands, in little time.

Of each item of a result two numbers are kept, what it is and a sum of its values. An item on
which one mistake of a set acts alone is what that mistake makes of it; so most sets need not be
run. Of what is run, what runs have in common is computed once.
"""

import functools
import itertools
import math
import zlib

import numpy as np

from lstm_check.behaviour import is_numeric, leaves
from lstm_check.lines import Runner

MOST = 10_000  # sets of mistakes that are looked through
FEW = 600  # that are all run: where a result is cut off or yes or no, one may hide another


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
        self.source, self.keys, self.mistakes = source, keys, mistakes
        self.run, self.seen, self.marks = Runner(source, arguments), {}, {}
        self.right = self._marks_of(())
        self.single = np.array([self._marks_of((m,)) for m in mistakes])
        # On which items each mistake acts.
        self.acts = ~_close(self.single, self.right)
        edits = [dict(m.edits) for m in mistakes]
        self.lines = [source.touched(one) for one in edits]
        # Whether one reads what another one changes, where the right line does not.
        behind, more = ([of(one) for one in edits] for of in (source.behind, source.more))
        crossed = np.array([[not reads.isdisjoint(sets) for sets in behind] for reads in more])
        # What one does to a result as a whole, such as to return less, shows all that others do.
        whole = np.array([_parts(self.run(one), keys) is None for one in edits])
        self.crossed = crossed | crossed.T | whole | whole[:, None]

    @functools.cache  # noqa: B019
    def sets(self, n):
        """Return all sets of n mistakes in different lines, by number; none if there are too many.

        A line that a mistake leaves without use is one of its lines.
        """
        if math.comb(len(self.mistakes), n) > MOST:
            return np.empty((0, n), int)
        found = [
            numbers
            for numbers in itertools.combinations(range(len(self.mistakes)), n)
            if all(
                self.lines[a].isdisjoint(self.lines[b])
                for a, b in itertools.combinations(numbers, 2)
            )
        ]
        return np.array(found, int).reshape(-1, n)

    def combinations(self, n):
        """Return all sets of n mistakes in different lines."""
        return [tuple(self.mistakes[k] for k in numbers) for numbers in self.sets(n)]

    def alike(self, n, got, looked_at):
        """Return the sets of n mistakes that may do what was done with the arguments.

        Parameters
        ----------
        n : int
        got : Behaviour
        looked_at : list of int
            Which items.
        """
        sets = self.sets(n)
        theirs = np.array(_marks(got.error or got.result, self.keys, {}))
        fits, fit = _close(self.single, theirs), _close(self.right, theirs)
        acts = self.acts[sets]  # (sets, n, items)
        number = acts.sum(axis=1)
        may = np.where(number == 0, fit, (number > 1) | (acts & fits[sets]).any(axis=1))
        may |= np.any(
            [self.crossed[sets[:, a], sets[:, b]] for a, b in itertools.combinations(range(n), 2)],
            axis=0,
        )[:, None]
        may |= len(sets) <= FEW
        found = [
            tuple(self.mistakes[k] for k in one) for one in sets[may[:, looked_at].all(axis=1)]
        ]
        return [c for c in found if _close(self._marks_of(c), theirs)[looked_at].all()]

    def _marks_of(self, combination):
        key = tuple(map(id, combination))
        if key not in self.marks:
            result = self.run(together(combination))
            self.marks[key] = np.array(_marks(result, self.keys, self.seen))
        return self.marks[key]


def together(combination):
    """Return the edits of several mistakes, {line name: what stands there}."""
    return {name: text for mistake in combination for name, text in mistake.edits}


def _close(marks, theirs):
    return np.isclose(marks, theirs, 1e-6, 1e-8).all(axis=-1)


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
    arrays = [(label, np.asarray(leaf)) for label, leaf in leaves(item) if is_numeric(leaf)]
    kind = [(label, leaf.shape, leaf.dtype.kind == "f") for label, leaf in arrays]
    # What holds no numbers is an error, or something like None.
    kind = kind or f"{type(item).__name__}: {item}"
    return _kind(kind), sum(_sum(leaf.astype(float)) for _, leaf in arrays)


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
