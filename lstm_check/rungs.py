"""The rungs of a check, from "is not a function" to "wrong values", and what each says."""

import functools
import textwrap
import traceback

import numpy as np

from lstm_check.bank import LINES, WIDTH
from lstm_check.behaviour import behave, close, is_numeric, leaves, mapped, plain
from lstm_check.errors import CheckError
from lstm_check.imports import missing_module

_NO_RETURN = "Does the function end with a return statement?"


def check_function(name, function, modules, section):
    """Raise a `CheckError` if there is no function, or it needs what will not be there."""
    if not callable(function):
        _fail(
            name,
            "not a function",
            f"{name} is not a function any more: it now holds a {type(function).__name__}.",
            "Give your variable another name, then run the cell that defines the function.",
            section=section,
        )
    missing = missing_module(function, modules)
    if missing:
        _fail(
            name,
            "import",
            f"{name} uses {missing}, which will not be there when your work is graded.",
            f"You can use {_listed(['Python itself', *modules])}.",
            section=section,
        )


def climb(name, exercise, got, arguments, tolerance, dtype, only, size):
    """Raise a `CheckError` at the first rung on which a behaviour is not right."""
    if got.error:
        _fail_with(name, got.error, arguments)
    exact = mapped(lambda leaf: leaf.astype(float) if _is_float(leaf) else leaf, arguments)
    expected = exercise.reference(*exact.values())
    items = _items(name, exercise, got.result, expected, only)
    for item in items:
        _check_kind(name, item)
        _check_shape(name, item, size, exercise.sizes)
        _check_dtype(name, item, np.dtype(dtype))
        _check_finite(name, item)
    _check_unchanged(name, got.arguments, arguments)
    if exercise.judge:
        said = exercise.judge(arguments, mapped(plain, got.result))
        if said:
            _fail(name, "values", *textwrap.wrap(f"{name}: {said}", WIDTH)[:LINES])
        return
    wrong = [item for item in items if _is_wrong(item, *tolerance)]
    if wrong:
        _fail_values(name, wrong, items, exercise, *tolerance)
    if exercise.warnings and got.warned:
        _fail(
            name,
            "warning",
            f"{name}: the values are right, but NumPy warns on the way:",
            f"{min(got.warned)}.",
            "Numbers this large are allowed; compute without such a detour.",
        )


class _Item:
    """One part of a result: its key, what messages call it, its value and the right one."""

    def __init__(self, key, label, got, expected, symbols):
        self.key, self.label, self.got, self.expected = key, label, got, expected
        self.symbols = symbols

    def wanted(self):
        """Return in words what the item has to be."""
        if isinstance(self.expected, str):
            return "a string"
        shape = np.shape(self.expected)
        return f"an array of shape {shape}" if shape else "a number"


def _items(name, exercise, got, expected, only):
    """Take a result apart, and fail if it does not have the parts it should."""
    if isinstance(exercise.result, str):
        return [_Item("", name, got, expected, exercise.result)]
    keys = list(exercise.result)
    looked_at = [key for key in keys if only is None or key in only]
    if isinstance(expected, dict):
        some = looked_at if len(looked_at) < 5 else [*looked_at[:3], f"{len(looked_at) - 3} more"]
        said = _listed(some)
        if not isinstance(got, dict):
            _fail(
                name,
                "none" if got is None else "type",
                f"{name} returns {_kind(got)}; expected a dict with {said}.",
                _NO_RETURN if got is None else "",
            )
        lacking = [key for key in looked_at if key not in got]
        if lacking:
            has = _listed(list(map(str, got))) or "nothing"
            _fail(
                name,
                "type",
                f"{name}: the dict it returns lacks {_listed(lacking)}.",
                f"It has {has}.",
            )
    else:
        wanted = f"expected {len(keys)} arrays: {', '.join(keys)}"
        if not isinstance(got, (tuple, list)):
            _fail(
                name,
                "none" if got is None else "type",
                f"{name} returns {_kind(got)}; {wanted}.",
                _NO_RETURN if got is None else "",
            )
        if len(got) != len(keys):
            _fail(name, "type", f"{name} returns {counted(len(got), 'values')}; {wanted}.")
        got, expected = (dict(zip(keys, values, strict=True)) for values in (got, expected))
    return [
        _Item(key, f"{name}, {key}", got[key], expected[key], exercise.result[key])
        for key in looked_at
    ]


def _check_kind(name, item):
    got, wanted = item.got, f"expected {item.wanted()}"
    returns = f"{name} returns" if item.key == "" else f"{item.label} is"
    if got is None:
        _fail(
            name,
            "none",
            f"{returns} None; {wanted}.",
            _NO_RETURN if item.key == "" else "",
        )
    if isinstance(item.expected, str):
        if not isinstance(got, str):
            _fail(name, "type", f"{returns} {_kind(got)}; {wanted}.")
        return
    if isinstance(got, np.ndarray) or (not np.ndim(item.expected) and is_numeric(got)):
        return
    if isinstance(got, tuple):
        hint = "Return one array; a comma after it makes a tuple."
    elif isinstance(got, list):
        hint = "np.array makes an array of a list of rows."
    elif np.isscalar(got):
        hint = f"That is one number; the result has {np.size(item.expected)}."
    else:
        hint = "Use NumPy functions only, and return what they give."
    _fail(name, "type", f"{returns} {_kind(got)}; {wanted}.", hint)


def _check_shape(name, item, size, letters):
    got, expected = np.shape(item.got), np.shape(item.expected)
    if got == expected:
        return
    symbols = f"{item.symbols} = " if item.symbols else ""
    sizes = ", ".join(f"{letter} = {getattr(size, letter)}" for letter in letters)
    axes = [AXES[letter] for letter in "TBHD" if letter in item.symbols]
    _fail(
        name,
        "shape",
        f"{item.label}: expected shape {symbols}{expected}, got {got}.",
        f"Here {sizes}." if sizes else "",
        f"The axes are {', '.join(axes)}." if len(axes) == len(expected) > 1 else "",
    )


AXES = {"T": "steps", "B": "examples", "D": "inputs", "H": "hidden units"}


def _check_dtype(name, item, dtype):
    if not _is_float(np.asarray(item.expected)):
        return
    got = np.asarray(item.got).dtype
    if got.kind == "f" and got.itemsize >= dtype.itemsize:
        return
    if got.kind == "f":
        hint = "Keep the precision of the arguments: something on the way makes it less."
    else:
        hint = "The values must be real numbers: look for a comparison, a rounding or a list."
    _fail(name, "dtype", f"{item.label}: expected dtype {dtype}, got {got}.", hint)


def _check_finite(name, item):
    got, expected = np.asarray(item.got), np.asarray(item.expected)
    if not _is_float(expected):
        return
    wrong = ~np.isfinite(got)
    if wrong.any():
        at = tuple(map(int, np.argwhere(wrong)[0]))
        _fail(
            name,
            "not finite",
            f"{item.label}: {_share(wrong)} not finite.",
            f"The first is at {list(at)}: expected {expected[at]:.6g}, got {got[at]}.",
            "np.exp of a large number is inf, and inf / inf or 0 * inf is nan.",
        )


def _check_unchanged(name, given, arguments):
    for argument, before in arguments.items():
        after = dict(leaves(given[argument], argument))
        known = dict(leaves(before, argument))
        changed = [label for label in known if not _equal(known[label], after.get(label))]
        changed += [label for label in after if label not in known]
        if changed:
            _fail(
                name,
                "argument changed",
                f"{name} changes its argument {changed[0]}.",
                "Its caller still needs it as it was.",
                "+=, *=, out= and [...] = write into the array itself: make a new one.",
            )


def counted(number, nouns):
    """Return such as "1 step" or "4 steps"."""
    return f"{number} {nouns.removesuffix('s') if number == 1 else nouns}"


def _share(wrong):
    """Return such as "1 of 8 values is" or "3 of 8 values are"."""
    return f"{wrong.sum()} of {counted(wrong.size, 'values')} {'is' if wrong.sum() == 1 else 'are'}"


def _is_wrong(item, rtol, atol):
    if isinstance(item.expected, str):
        return item.got != item.expected
    return bool((_error(item, rtol, atol) > 1).any())


def _error(item, rtol, atol):
    """Return by how much an item is off, in units of the tolerance: above 1 is wrong."""
    got, expected = np.asarray(item.got), np.asarray(item.expected)
    return np.abs(got.astype(float) - expected) / (atol + rtol * np.abs(expected))


def _fail_values(name, wrong, items, exercise, rtol, atol):
    item = wrong[0]
    right = [other.key for other in items if other not in wrong]
    if len(right) > 4:
        right = " All else is right." if len(wrong) == 1 else f" {len(right)} arrays are right."
    else:
        right = f" {_listed(right)} {'is' if len(right) == 1 else 'are'} right." if right else ""
    if isinstance(item.expected, str):
        numbers = f"expected {item.expected!r}, got {item.got!r}."
        _fail(name, "values", f"{item.label}: {numbers}{right}")
    got, expected = np.asarray(item.got), np.asarray(item.expected)
    error = _error(item, rtol, atol)
    at = np.unravel_index(np.argmax(error), error.shape)
    place = [int(index) for index in at]
    hint = f"{exercise.hint} See {exercise.section}."
    if exercise.bounds and item.key in exercise.bounds:
        low, high = exercise.bounds[item.key]
        if got.min() < low - atol or got.max() > high + atol:
            hint = (
                f"The right values lie between {low:g} and {high:g}; "
                f"yours go from {got.min():.3g} to {got.max():.3g}."
            )
    digits = 6 if f"{got[at]:.6g}" != f"{expected[at]:.6g}" else 12
    numbers = f"expected {expected[at]:.{digits}g}, got {got[at]:.{digits}g}."
    count = f"{_share(error > 1)} wrong." if place else "wrong value."
    _fail(
        name,
        "values",
        f"{item.label}: {count}{right}",
        f"Worst at {place}: {numbers}" if place else numbers.capitalize(),
        hint,
    )


def _fail_with(name, error, arguments):
    """Say what a function raised, and where."""
    if isinstance(error, NotImplementedError):
        _fail(
            name,
            "not written",
            f"{name} is not written yet: it still raises NotImplementedError.",
            "Put your code in place of that line, run its cell, then run this one.",
        )
    # Frame 0 is the call in `behave`; the next one is the student's first.
    frames = traceback.extract_tb(error.__traceback__)[1:]
    line = getattr(error, "student_line", frames[0].line if frames else "")
    head = f"{name} stopped with {type(error).__name__}"
    if line:
        head += " at: "
        head += textwrap.shorten(line, max(10, WIDTH - len(head)), placeholder=" …")
    shapes = ", ".join(
        f"{argument} {value.shape if isinstance(value, np.ndarray) else _kind(value)}"
        for argument, value in arguments.items()
    )
    _fail(
        name,
        "error",
        head if line else f"{head}.",
        str(error),
        f"The arguments: {shapes}.",
    )


def check_parts(name, parts, error, of_right, section):
    """Raise a `CheckError` if an error comes from another one of the student's own functions.

    `of_right` is the error with which the right function stops, given the same parts.
    """
    codes = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    for part, function in parts.items():
        if getattr(function, "__code__", None) in codes:
            what = f"stops with {type(error).__name__}"
            if isinstance(error, NotImplementedError):
                what = "is not written yet"
            _fail(
                name,
                f"{part} stops",
                f"{name} calls your own {part}, which {what}.",
                f"Mend {part} first, then run this again.",
                section=section,
            )
    if type(error) is type(of_right) and not isinstance(error, NotImplementedError):
        own = " and ".join(parts)
        _fail(
            name,
            f"result of {own} stops",
            f"{name} stops with {type(error).__name__} on what your own {own} returns.",
            f"Mend {own} first, then run this again.",
            section=section,
        )


def check_driven(name, exercise, parts, got, arguments, redrawn, tolerance):
    """Raise a `CheckError` if the student's own parts say nothing about how they are used.

    A part that gives the same whatever it gets makes right and wrong look alike.
    """
    driven = exercise.driven_by or arguments
    changed = {**arguments, **{key: redrawn[key] for key in driven}}
    other = behave(functools.partial(exercise.reference, **parts), changed)
    if close(got.result, other.result, *tolerance):
        own = " and ".join(parts)
        _fail(
            name,
            f"{own} gives always the same",
            f"{name} calls your own {own}, which gives the same whatever it gets.",
            f"So nothing can be said about {name}. Mend {own} first.",
            section=exercise.section,
        )


def _fail(name, mistake, *lines, section=""):
    lines = [_shorten(line) for line in lines if line]
    raise CheckError(name, mistake, "\n".join(lines), section) from None


def _shorten(line):
    """Cut words out of the middle: errors of NumPy say the most at their end."""
    words = line.split()
    if len(" ".join(words)) <= WIDTH:
        return " ".join(words)
    head = textwrap.wrap(line, WIDTH // 2 - 1)[0]
    tail = textwrap.wrap(" ".join(reversed(words)), WIDTH // 2 - 1)[0].split()
    return f"{head} … {' '.join(reversed(tail))}"


def _kind(value):
    if value is None:
        return "None"
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"a{'n' if name[0] in 'aeiou' else ''} {name}"


def _listed(words):
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_float(leaf):
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"


def _equal(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return a == b
