"""`check`: climb from "returns None" to "wrong values", stop at the first rung that fails."""

import functools
import os
from dataclasses import replace

import numpy as np

from lstm_check import points, rungs, telling
from lstm_check.behaviour import behave, mapped, plain
from lstm_check.errors import CheckError
from lstm_check.exercise import Size
from lstm_check.exercises import EXERCISES, MODULES
from lstm_check.mistakes import bank_of
from lstm_check.tracing import first_missing
from lstm_check.unfolding import More
from lstm_check.words import counted, listed

# Far above what another order of operations costs, far below any mistake.
_TOLERANCE = {"float64": (1e-8, 1e-10), "float32": (1e-4, 1e-5)}
_USUAL = {
    "steps": 5,
    "batch": 2,
    "input_size": 3,
    "hidden_size": 4,
    "scale": 1.0,
    "states": 1.0,
    "dtype": "float64",
    "contiguous": True,
}


def check(
    name,
    function,
    *,
    steps=None,
    batch=None,
    input_size=None,
    hidden_size=None,
    scale=None,
    states=None,
    dtype=None,
    contiguous=None,
    only=None,
    seed=0,
):
    """Compare a student's function with the reference on random inputs.

    Without sizes and the like it is tried on all that `Exercise.cases` says,
    the same for a student and for a grader, who draws other numbers. Where it
    calls another function of the student's own that is wrong, it is tried with
    a right one in its place.
    A right function prints one line. What it prints itself is no mistake, on
    stderr either, nor is a warning where the exercise does not say so.

    Parameters
    ----------
    name : str
        Which exercise it is, such as ``"forget_gate"``.
    function : callable
        The student's function. It gets its arguments by position.
    steps, batch, input_size, hidden_size : int, optional
        T, B, D and H of the inputs: 5, 2, 3 and 4 if something else is given.
    scale : float, optional
        How large the inputs are; at 1000 every gate is saturated.
    states : float, optional
        How large states and gradients are, in units of the usual.
    dtype : str, optional
        ``"float64"`` or ``"float32"``: of the inputs, and the least precision
        of the result.
    contiguous : bool, optional
        Whether the arrays lie in memory without gaps.
    only : tuple of str, optional
        The items of a result of several to look at; all by default.
    seed : int or list of int
        The inputs are drawn from it. An int is joined by the number in the
        environment variable ``LSTM_GRADE_SEED``, if there is one; a failed
        check then prints the list that draws the same inputs again.

    Raises
    ------
    CheckError
        At the first thing that is wrong.
    """
    given = locals()
    options = {key: given[key] for key in _USUAL if given[key] is not None}
    exercise = EXERCISES[name]
    rungs.check_function(name, function, MODULES[name], exercise.section)
    seed, graded = _mix(seed)
    replaced = False
    # Where submissions are graded, one process sees those of many students.
    counts = not options and not hasattr(function, "given")
    counts = counts and "NBGRADER_EXECUTION" not in os.environ
    for k, one in enumerate([options] if options else exercise.cases):
        case = Case(exercise, one, only, seed if options else [*_list(seed), k])
        try:
            replaced |= _check(name, function, case, np.geterr())
        except CheckError as error:
            if counts:
                points.keep(name, only, error.mistake)
                error.more = More(error, points.times(name, only, error.mistake), exercise.section)
            if graded:
                print(f"The same inputs again: {case.call(name)}")
            raise
    said = f", given a right {listed(exercise.parts)}" if replaced else ""
    reached = f" {points.keep(name, only, '')}." if counts else ""
    print(f"{name}: correct{said}.{reached}")


class Case:
    """What is drawn to try a function on, and how exactly its result has to be right."""

    def __init__(self, exercise, options, only, seed):
        self.exercise, self.options, self.only, self.seed = exercise, options, only, seed
        usual = {**_USUAL, **options}
        self.dtype, self.contiguous = usual["dtype"], usual["contiguous"]
        self.size = Size(*(usual[key] for key in list(_USUAL)[:6]))
        rtol, atol = _TOLERANCE[self.dtype]
        self.tolerance = max(rtol, exercise.rtol or 0), atol

    def draw(self):
        """Return the arguments by name."""

        def convert(leaf):
            if not rungs.is_float(leaf):
                return leaf
            leaf = leaf.astype(self.dtype)
            return leaf if self.contiguous or not leaf.ndim else np.repeat(leaf, 2, -1)[..., ::2]

        return mapped(convert, self.exercise.draw(np.random.default_rng(self.seed), self.size))

    @property
    def words(self):
        """What is unusual about it."""
        said = {
            "dtype": f"in {self.dtype}",
            "scale": f"with numbers up to {self.size.scale:g}",
            "states": f"with states near {self.size.states:g}",
            "steps": f"with {counted(self.size.T, 'steps')}",
            "batch": "with one example" if self.size.B == 1 else "",
        }
        # What the first case has already is the exercise's usual.
        usual = {**_USUAL, **self.exercise.cases[0]}
        unusual = [key for key in said if self.options.get(key, usual[key]) != usual[key]]
        return next((said[key] for key in unusual if said[key]), "")

    def call(self, name):
        """Return the call that checks on the same inputs again."""
        options = self.options or {"steps": _USUAL["steps"]}
        said = {**options, "only": self.only, "seed": self.seed}
        said = [f"{key}={value!r}" for key, value in said.items() if value is not None]
        return f'check("{name}", {name}, {", ".join(said)})'.replace("'", '"')


def _check(name, function, case, state):
    """Check one case; return whether it took a right part to be right."""
    exercise, arguments = case.exercise, case.draw()
    done = behave(function, arguments, state)
    try:
        rungs.climb(name, exercise, done, arguments, case)
        return False
    except CheckError as failed:
        error, use = failed, function
    instead = _with_right(function, _right(exercise))
    if instead:
        use, done = instead, behave(instead, arguments, state)
        try:
            rungs.climb(name, exercise, done, arguments, case)
            return True
        except CheckError as failed:
            error = failed
    with np.errstate(all="ignore"):
        raise _explained(name, case, use, done, arguments, error, state) from None


def _explained(name, case, function, got, arguments, error, state):
    """Return the error that says most about a function."""
    error.section = error.section or str(case.exercise.section)
    label = f"{name} {case.words}".strip()

    def looked_at(done):
        return replace(done, result=mapped(plain, done.result))

    def student(arguments):
        return looked_at(behave(function, arguments, state))

    def is_right(wide):
        as_usual = Case(case.exercise, {**case.options, "dtype": "float64"}, case.only, case.seed)
        as_usual.tolerance = 1e-6, 1e-8  # differences of nearly equal numbers get so far
        try:
            rungs.climb(name, case.exercise, student(wide), wide, as_usual)
        except CheckError:
            return False
        return case.dtype != "float64"

    bank, got = bank_of(name), looked_at(got)
    found = bank.find(student, got, arguments, case.tolerance, case.only)
    if found:
        return telling.named(found, bank, error, label)
    better = telling.shown(error, label, student, got, arguments, is_right)
    told = better.mistake in ("rounded", "precision", "transposed", "reversed")
    if any(item.wrong for item in better.items) and bank.draws and not told:
        missing = first_missing(
            function,
            _right(case.exercise),
            case.exercise,
            bank.draws[1],
            lambda result: bank.is_right(result, 1, case.only),
        )
        better = telling.followed(better, *missing)
    return better


def _right(exercise):
    return {part: EXERCISES[part].reference for part in exercise.parts}


def _with_right(function, right):
    """Return a function that calls right ones in place of the student's own, or None.

    When it is graded, the submission's function brings that with it: the right ones run elsewhere.
    """
    if not right:
        return None
    if hasattr(function, "given"):
        return function.given(**right)
    space = getattr(function, "__globals__", None)
    if space is None:
        return None

    @functools.wraps(function)
    def call(*arguments):
        own = {part: space[part] for part in right if part in space}
        names = {key: part for part in own for key in space if space[key] is own[part]}
        before = {key: space[key] for key in names}
        space.update({key: right[part] for key, part in names.items()})
        space.update(right)
        try:
            return function(*arguments)
        finally:
            for part in right:
                space.pop(part, None)
            space.update(before)

    return call


def _mix(seed):
    """Return what to draw from, and whether the work is being graded."""
    graded = os.environ.get("LSTM_GRADE_SEED")
    if not graded or isinstance(seed, list):
        return seed, False
    return [seed, int(graded)], True


def _list(seed):
    return seed if isinstance(seed, list) else [seed]
