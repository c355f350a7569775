"""`check`: climb from "returns None" to "wrong values", stop at the first rung that fails."""

import contextlib
import difflib
import functools
import io
import os
import time
from dataclasses import replace

import numpy as np

from lstm_check import cells, points, rungs, telling
from lstm_check.behaviour import behave, gapped, is_float, mapped, plain, widened
from lstm_check.errors import CheckError
from lstm_check.exercise import Size
from lstm_check.exercises import EXERCISES, MODULES
from lstm_check.mistakes import bank_of
from lstm_check.tracing import first_missing
from lstm_check.unfolding import More
from lstm_check.words import counted, listed

# Far above what another order of operations costs, far below any mistake.
_TOLERANCE = {"float64": (1e-8, 1e-10), "float32": (1e-4, 1e-5)}
# What `check` calls the sizes.
_OPTIONS = {"T": "steps", "B": "batch", "D": "input_size", "H": "hidden_size"}
_FIELDS = {option: field for field, option in _OPTIONS.items()}
_OPTION_NAMES = [_OPTIONS.get(field, field) for field in Size._fields]
# A function that is slow is not called again and again to find out what is wrong with it.
_PATIENCE = 5.0  # seconds


def check(name, function, *, only=None, seed=0, **options):
    """Compare a student's function with the reference on random inputs.

    Without options it is tried on all that `Exercise.cases` says, the same for
    a student and for a grader, who draws other numbers. Where it calls another
    function of the student's own that is wrong, it is tried with a right one in
    its place.
    A right function prints one line. What it prints itself is no mistake, on
    stderr either, nor is a warning where the exercise does not say so.

    Parameters
    ----------
    name : str
        Which exercise it is, such as ``"forget_gate"``.
    function : callable
        The student's function. It gets its arguments by position.
    only : tuple of str, optional
        The items of a result of several to look at; all by default.
    seed : int or list of int
        The inputs are drawn from it. An int is joined by the number in the
        environment variable ``LSTM_GRADE_SEED``, if there is one; a failed
        check then prints the list that draws the same inputs again.
    **options
        Inputs of one kind, as `exercise.Size` has them: ``scale``, ``states``,
        ``dtype`` and ``contiguous``; T, B, D and H are called ``steps``,
        ``batch``, ``input_size`` and ``hidden_size``.

    Raises
    ------
    CheckError
        At the first thing that is wrong.
    TypeError
        If there is no such exercise or option.
    """
    _look_up("exercise", name, EXERCISES)
    for option in options:
        _look_up("option", option, _OPTION_NAMES)
    exercise = EXERCISES[name]
    graded = os.environ.get("LSTM_GRADE_SEED") if isinstance(seed, int) else None
    seed = [seed, *([int(graded)] if graded else [])] if isinstance(seed, int) else seed
    # Where submissions are graded, one process sees those of many students.
    counts = not options and not hasattr(function, "given")
    counts = counts and "NBGRADER_EXECUTION" not in os.environ
    given = {_FIELDS.get(option, option): value for option, value in options.items()}
    case, replaced = None, False
    try:
        rungs.check_function(name, function, MODULES[name])
        cells.check_newest(name, function)
        for k, size in enumerate([Size(**given)] if options else exercise.cases):
            case = Case(name, size, only, seed if options else [*seed, k])
            replaced |= _check(case, function, np.geterr())
    except CheckError as error:
        error.function, error.section = name, error.section or str(exercise.section)
        if counts:
            points.keep(name, only, error.mistake)
            error.more = More(error, points.times(name, only, error.mistake), exercise.section)
        if graded and case:
            print(f"The same inputs again: {case.call()}")
        raise
    said = f", given a right {listed(exercise.parts)}" if replaced else ""
    reached = f" {points.keep(name, only, '')}." if counts else ""
    print(f"{name}: correct{said}.{reached}")


def _look_up(kind, given, known):
    if given not in known:
        near = difflib.get_close_matches(str(given), known, 1) or list(known)
        raise TypeError(f"check has no {kind} {given!r}; did you mean {' or '.join(near)}?")


class Case:
    """What is drawn to try a function on, and how exactly its result has to be right."""

    def __init__(self, name, size, only, seed):
        self.name, self.exercise = name, EXERCISES[name]
        self.size, self.only, self.seed = size, only, seed
        self.label = f"{name} {self._words()}".strip()
        rtol, atol = _TOLERANCE[size.dtype]
        self.tolerance = max(rtol, self.exercise.rtol), atol

    def draw(self):
        """Return the arguments by name."""

        def convert(leaf):
            if not is_float(leaf):
                return leaf
            leaf = leaf.astype(self.size.dtype)
            return leaf if self.size.contiguous else gapped(leaf)

        return mapped(convert, self.exercise.draw(np.random.default_rng(self.seed), self.size))

    def _words(self):
        """Return what is unusual about it."""
        size, usual = self.size, self.exercise.cases[0]._asdict()
        said = {
            "dtype": f"in {size.dtype}",
            "scale": f"with numbers up to {size.scale:g}",
            "states": f"with states near {size.states:g}",
            "T": f"with {counted(size.T, 'steps')}",
            "B": "with one example" if size.B == 1 else "",
        }
        unusual = [said[field] for field in said if getattr(size, field) != usual[field]]
        return next(filter(None, unusual), "")

    def call(self):
        """Return the call that checks on the same inputs again."""
        given = {
            _OPTIONS.get(field, field): value
            for field, value in self.size._asdict().items()
            if value != Size._field_defaults[field]
        }
        said = (given or {"steps": self.size.T}) | {"only": self.only, "seed": self.seed}
        said = [f"{key}={value!r}" for key, value in said.items() if value is not None]
        return f'check("{self.name}", {self.name}, {", ".join(said)})'.replace("'", '"')


def _check(case, function, state):
    """Check one case; return whether it took a right part to be right."""
    arguments = case.draw()
    for use in _uses(function, _right(case.exercise)):
        try:
            done = behave(use, arguments, state)
            rungs.climb(case, done, arguments)
            return use is not function
        except KeyboardInterrupt as stopped:
            cells.fail_interrupted(case.name, stopped)
        except CheckError as failed:
            error = failed
    with np.errstate(all="ignore"):
        raise _explained(case, use, done, arguments, error, state) from None


def _explained(case, function, got, arguments, error, state):
    """Return the error that says most about a function."""
    spent = 0.0

    def looked_at(done):
        return replace(done, result=mapped(plain, done.result))

    def student(arguments):
        nonlocal spent
        if spent > _PATIENCE:
            raise _TooSlowError
        before = time.monotonic()
        with contextlib.redirect_stdout(io.StringIO()):  # it has printed this once
            done = behave(function, arguments, state)
        spent += time.monotonic() - before
        return looked_at(done)

    def is_right_in_float64():
        if case.size.dtype == "float64":
            return False
        usual = Case(case.name, case.size._replace(dtype="float64"), case.only, case.seed)
        usual.tolerance = 1e-6, 1e-8  # differences of nearly equal numbers get so far
        wide = widened(arguments)
        try:
            rungs.climb(usual, student(wide), wide)
        except CheckError:
            return False
        return True

    bank, got = bank_of(case.name), looked_at(got)
    try:
        found = bank.find(student, got, arguments, case.tolerance, case.only)
        if found:
            return telling.named(found, bank, error, case.label)
        better = telling.shown(error, student, got, arguments, is_right_in_float64)
    except _TooSlowError:
        return error
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


class _TooSlowError(Exception):
    """A function takes too long to be called once more."""


def _right(exercise):
    return {part: EXERCISES[part].reference for part in exercise.parts}


def _uses(function, right):
    """Yield a function, then one that calls right ones in place of the student's own.

    When it is graded, the submission's function brings that with it: the right ones run elsewhere.
    """
    yield function
    if right and hasattr(function, "given"):
        yield function.given(**right)
    elif right and hasattr(function, "__globals__"):
        space = function.__globals__

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

        yield call
