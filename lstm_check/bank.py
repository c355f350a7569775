"""Known mistakes as edits of named lines, and which of them do what a student's function does.

One mistake is looked for before two, two before three. Looking for more than one, all are run
once on the same inputs, what they have in common is computed once, and of each result only some
sums are kept; what fits is then run as a whole, on all inputs.
"""

import functools
from dataclasses import replace

import numpy as np

from lstm_check.behaviour import alike, arrays, behave
from lstm_check.sieve import Sieve, together


class Bank:
    """The known mistakes of one exercise, and what they do with the same inputs.

    Parameters
    ----------
    exercise : Exercise
    mistakes : list of Mistake
        Likeliest first.
    """

    def __init__(self, exercise, mistakes):
        self.exercise, self.mistakes = exercise, mistakes
        self.keys = [""] if isinstance(exercise.result, str) else list(exercise.result)
        self.draws = []
        if mistakes and not exercise.judge:
            self.draws = [
                exercise.draw(np.random.default_rng(2026), size) for size in exercise.telling
            ]
        self.outcome = functools.cache(lambda mistake, k: behave(mistake.wrong, self.draws[k]))

    def find(self, function, got, arguments, tolerance, only=None):
        """Return the mistakes that do what a function does: tuples of one, two or three.

        Parameters
        ----------
        function : callable
            ``function(arguments)`` returns the `Behaviour` of the student's function.
        got : Behaviour
            What it did with `arguments`.
        arguments : dict
            With these it was found wrong.
        tolerance : (float, float)
            For these arguments.
        only : tuple of str, optional
            The items that are looked at.
        """
        if self.exercise.judge:
            return [(m,) for m in self.mistakes if m.seen(arguments, got.result)]
        student = functools.cache(lambda k: function(self.draws[k]))
        blur = self.exercise.blur
        usual = max(1e-8, self.exercise.rtol, blur), max(1e-10, blur)
        tolerance = max(tolerance[0], blur), max(tolerance[1], blur)

        def fitting(found, k, only=only):
            return [c for c in found if self._fits(student(k), self._outcome(c, k), usual, only)]

        def left(found):
            for k in range(len(self.draws)):
                found = fitting(found, k)
            does = ((c, behave(self.wrong(c), arguments)) for c in found)
            return [c for c, done in does if self._fits(got, done, tolerance, only)]

        found = left([(mistake,) for mistake in self.mistakes])
        # What is right on the first draw shows nothing of what two mistakes might do there.
        visible = self.draws and not self.is_right(student(0).result, 0, only)
        if not found and self.sieve and visible and self._tell(student, only):
            looked_at = [k for k, key in enumerate(self.keys) if only is None or key in only]
            for n in (2, 3):
                found = found or left(self.sieve.alike(n, student(0), looked_at))
        if only and len(found) > 1:  # what is not looked at may still tell them apart
            found = fitting(found, 0, None) or found
        return found

    def is_right(self, result, k, only=None):
        """Return whether a result is right for the draw of number `k`."""
        right = behave(self.exercise.reference, self.draws[k])
        return self._fits(replace(right, result=result), right, (1e-8, 1e-10), only)

    def wrong(self, combination):
        """Return the function with some mistakes."""
        if len(combination) == 1:
            return combination[0].wrong
        return self.exercise.source.make(together(combination))

    @functools.cached_property
    def sieve(self):
        """What finds sets of mistakes; None if no mistake is an edit."""
        # An edit with which the function always stops hides all others.
        draws = range(len(self.draws))
        edits = [m for m in self.mistakes if m.edits]
        edits = [m for m in edits if not all(self.outcome(m, k).error for k in draws)]
        return Sieve(self.exercise.source, self.keys, edits, self.draws[0]) if edits else None

    def in_order(self, combination):
        """Return mistakes in the order of their lines, which is that to mend them in."""
        if len(combination) == 1:
            return combination
        order = self.exercise.source.order
        return sorted(combination, key=lambda m: min([order.index(name) for name, _ in m.edits]))

    def _outcome(self, combination, k):
        if len(combination) == 1:
            return self.outcome(*combination, k)
        return behave(self.wrong(combination), self.draws[k])

    def _fits(self, got, other, tolerance, only):
        if isinstance(got.result, dict) != isinstance(other.result, dict):
            return False
        got, other = (picked(one, self.keys, only) for one in (got, other))
        return alike(got, other, *tolerance, self.exercise.warnings)

    def _tell(self, student, only):
        """Return whether there are values, which may show more than one mistake."""
        found = [picked(student(k), self.keys, only).result for k in range(len(self.draws))]
        return np.unique([number for _, leaf in arrays(found) for number in leaf.flat]).size > 1


def picked(behaviour, keys, only):
    """Return a behaviour with only those items of its result that are looked at."""
    result = behaviour.result
    named = isinstance(result, dict)
    if only is None and not (named and result.keys() >= set(keys)):
        return behaviour  # more names than are asked for do no harm, others do
    if not isinstance(result, dict | tuple | list):
        return behaviour
    result = result if named else dict(zip(keys, result, strict=False))
    return replace(behaviour, result={k: result[k] for k in only or keys if k in result})
