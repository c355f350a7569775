"""The rungs of a check, from "is not a function" to "wrong values", and what each says."""

import textwrap
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_check.behaviour import behave, is_numeric, leaves, mapped, plain
from lstm_check.errors import WIDTH
from lstm_check.imports import missing_module
from lstm_check.raised import meaning
from lstm_check.words import are_right, counted, fail, kind, listed, share

_NO_RETURN = "Does the function end with a return statement?"
_HERE = str(Path(__file__).parent)
AXES = {"T": "steps", "B": "examples", "D": "inputs", "H": "hidden units"}


def check_function(name, function, modules, section):
    """Raise a `CheckError` if there is no function, or it needs what will not be there."""
    if not callable(function):
        fail(
            name,
            "not a function",
            f"{name} is not a function any more: it now holds a {type(function).__name__}.",
            "Give your variable another name, then run the cell that defines the function.",
            section=section,
        )
    missing = missing_module(function, modules)
    if missing:
        fail(
            name,
            "import",
            f"{name} uses {missing}, which will not be there when your work is graded.",
            f"You can use {listed(['Python itself', *modules])}.",
            section=section,
        )


@dataclass
class Item:
    """One part of a result.

    Attributes
    ----------
    key : str
        "" if there is one.
    label : str
        What messages call it.
    got, expected
        Its value, and the right one.
    symbols : str
        Its shape in symbols.
    wrong : bool
        Whether its values are.
    """

    key: str
    label: str
    got: object
    expected: object
    symbols: str
    wrong: bool = False

    def wanted(self):
        """Return in words what the item has to be."""
        if isinstance(self.expected, str):
            return "a string"
        shape = np.shape(self.expected)
        return f"an array of shape {shape}" if shape else "a number"

    def error(self, rtol, atol):
        """Return by how much it is off, in units of the tolerance: above 1 is wrong."""
        if isinstance(self.expected, str):
            return np.where(self.got == self.expected, 0.0, 2.0)
        got, expected = np.asarray(self.got, float), np.asarray(self.expected, float)
        return np.abs(got - expected) / (atol + rtol * np.abs(expected))


def climb(name, exercise, got, arguments, case):
    """Raise a `CheckError` at the first rung on which a behaviour is not right.

    Parameters
    ----------
    name : str
    exercise : Exercise
    got : Behaviour
        What the student's function did with `arguments`.
    arguments : dict
    case : Case
    """
    label = f"{name} {case.words}".strip()
    if got.error:
        _fail_with(name, label, got.error, arguments)
    exact = mapped(lambda leaf: leaf.astype(float) if is_float(leaf) else leaf, arguments)
    expected = behave(exercise.reference, exact).result
    items = _items(name, label, exercise, got.result, expected, case.only)
    for item in items:
        _check_kind(name, item)
        _check_shape(name, item, case.size, exercise.sizes)
        _check_dtype(name, item, np.dtype(case.dtype))
        _check_finite(name, item)
    _check_unchanged(name, label, got.arguments, arguments)
    if exercise.judge:
        said = exercise.judge(arguments, mapped(plain, got.result))
        if said:
            fail(name, "values", *textwrap.wrap(f"{name}: {said}", WIDTH))
        return
    for item in items:
        item.wrong = not (item.error(*case.tolerance) <= 1).all()
    if any(item.wrong for item in items):
        _fail_values(name, items, exercise, case)
    if exercise.warnings and got.warned and case.dtype == "float64":
        fail(
            name,
            "warning",
            f"{label}: the values are right, but NumPy warns on the way:",
            f"{min(got.warned)}.",
            "Numbers this large are allowed; compute without such a detour.",
        )


def _items(name, label, exercise, got, expected, only):
    """Take a result apart, and fail if it does not have the parts it should."""
    if isinstance(exercise.result, str):
        return [Item("", label, got, expected, exercise.result)]
    keys = list(exercise.result)
    looked_at = [key for key in keys if only is None or key in only]
    if isinstance(expected, dict):
        got = _dict(name, label, got, looked_at, exercise)
    else:
        if isinstance(got, np.ndarray) and got.shape == (len(keys), *np.shape(expected[0])):
            got = tuple(got)  # two arrays of one shape in one array are unpacked like a tuple
        _check_number(name, label, got, expected, keys)
        got, expected = (dict(zip(keys, values, strict=True)) for values in (got, expected))
    return [
        Item(key, f"{label}, {key}", got[key], expected[key], exercise.result[key])
        for key in looked_at
    ]


def _dict(name, label, got, keys, exercise):
    some = keys if len(keys) < 5 else [*keys[:3], f"{len(keys) - 3} more"]
    if not isinstance(got, dict):
        hint = _NO_RETURN if got is None else ""
        if isinstance(got, tuple | list) and any(isinstance(item, dict) for item in got):
            hint = "One of them is a dict: return the dict alone."
        fail(
            name,
            "none" if got is None else "type",
            f"{label} returns {kind(got)}; expected a dict with {listed(some)}.",
            hint,
        )
    lacking = [key for key in keys if key not in got]
    if lacking:
        fail(
            name,
            "type",
            f"{label}: the dict it returns lacks {listed(lacking)}.",
            f"It has {listed(list(map(str, got))) or 'nothing'}.",
            exercise.names_hint,
        )
    return got


def _check_number(name, label, got, expected, keys):
    """Fail if it is not as many arrays as there should be."""
    wanted = f"expected {len(keys)} arrays: {', '.join(keys)}"
    last_line = f"End with: return {', '.join(keys)}"
    if not isinstance(got, tuple | list):
        fail(
            name,
            "none" if got is None else "type",
            f"{label} returns {kind(got)}; {wanted}.",
            _NO_RETURN if got is None else last_line,
        )
    if len(got) > len(keys) and all(map(_same, got, expected)):
        more = listed([kind(item) for item in got[len(keys) :]])
        fail(
            name,
            "cache returned too" if len(got) == len(keys) + 1 else "more returned",
            f"{label}: {listed(keys)} are right, but you return {more} as well.",
            f"Whoever calls it expects two results. {last_line}",
        )
    if len(got) != len(keys):
        fail(name, "type", f"{label} returns {counted(len(got), 'values')}; {wanted}.", last_line)


def _check_kind(name, item):
    got, wanted = item.got, f"expected {item.wanted()}"
    returns = f"{item.label} returns" if item.key == "" else f"{item.label} is"
    if got is None:
        hint = _NO_RETURN if item.key == "" else ""
        fail(name, "none", f"{returns} None; {wanted}.", hint)
    if isinstance(item.expected, str):
        if not isinstance(got, str):
            fail(name, "type", f"{returns} {kind(got)}; {wanted}.")
        return
    if isinstance(got, np.ndarray) or (not np.ndim(item.expected) and is_numeric(got)):
        return
    if isinstance(got, tuple):
        right = [k for k, one in enumerate(got) if _same(one, item.expected)]
        hint = "Return one array; a comma after it makes a tuple."
        if len(got) > 1:
            which = f"the {_ORDINALS[right[0]]} is right: " if right and right[0] < 3 else ""
            hint = f"These are {len(got)} values, and one is asked for; {which}return it alone."
    elif isinstance(got, list):
        hint = "np.array makes an array of a list of rows."
    elif type(got).__module__ == "torch":
        one = "an array of it" if np.ndim(item.expected) else "a number of it"
        makes = ".detach().numpy()" if np.ndim(item.expected) else ".item()"
        hint = f"It is PyTorch's: {makes} makes {one}."
    elif np.isscalar(got):
        hint = f"That is one number; the result has {np.size(item.expected)}."
    else:
        hint = "Use NumPy functions only, and return what they give."
    fail(name, "type", f"{returns} {kind(got)}; {wanted}.", hint)


_ORDINALS = ("first", "second", "third")


def _check_shape(name, item, size, letters):
    got, expected = np.shape(item.got), np.shape(item.expected)
    if got == expected:
        return
    symbols = f"{item.symbols} = " if item.symbols else ""
    sizes = ", ".join(f"{letter} = {getattr(size, letter)}" for letter in letters)
    axes = [AXES[letter] for letter in "TBHD" if letter in item.symbols]
    fail(
        name,
        "shape",
        f"{item.label}: expected shape {symbols}{expected}, got {got}.",
        f"Here {sizes}." if sizes else "",
        f"The axes are {', '.join(axes)}." if len(axes) == len(expected) > 1 else "",
    )


def _check_dtype(name, item, dtype):
    if not is_float(np.asarray(item.expected)):
        return
    got = np.asarray(item.got).dtype
    if got.kind == "f" and got.itemsize >= dtype.itemsize:
        return
    if got.kind == "f":
        hint = "Keep the precision of the arguments: something on the way makes it less."
    else:
        hint = "The values must be real numbers: look for a comparison, a rounding or a list."
    fail(name, "dtype", f"{item.label}: expected dtype {dtype}, got {got}.", hint)


def _check_finite(name, item):
    got, expected = np.asarray(item.got), np.asarray(item.expected)
    if not is_float(expected):
        return
    wrong = ~np.isfinite(got)
    if wrong.any():
        at = tuple(map(int, np.argwhere(wrong)[0]))
        fail(
            name,
            "not finite",
            f"{item.label}: {share(wrong)} not finite.",
            f"The first is at {list(at)}: expected {expected[at]:.6g}, got {got[at]}.",
            "np.exp of a large number is inf, and inf / inf or 0 * inf is nan.",
        )


def _check_unchanged(name, label, given, arguments):
    for argument, before in arguments.items():
        after = dict(leaves(given[argument], argument))
        known = dict(leaves(before, argument))
        changed = [place for place in known if not _equal(known[place], after.get(place))]
        changed += [place for place in after if place not in known]
        if changed:
            fail(
                name,
                "argument changed",
                f"{label} changes its argument {changed[0]}.",
                "Its caller still needs it as it was.",
                "+=, *=, out= and [...] = write into the array itself: make a new one.",
            )


def _fail_values(name, items, exercise, case):
    item = next(item for item in items if item.wrong)
    right = [other.key for other in items if not other.wrong]
    said = "All else is right" if 4 < len(right) == len(items) - 1 else are_right(right)
    said = f" {said}." if said else ""
    if isinstance(item.expected, str):
        numbers = f"expected {item.expected!r}, got {item.got!r}."
        fail(name, "values", f"{item.label}: {numbers}{said}", items=items)
    got, expected = np.asarray(item.got), np.asarray(item.expected)
    error = item.error(*case.tolerance)
    at = np.unravel_index(np.argmax(error), error.shape)
    place = [int(index) for index in at]
    hint = f"{exercise.hint} See {exercise.section}."
    if exercise.bounds and item.key in exercise.bounds:
        low, high = exercise.bounds[item.key]
        if got.min() < low - 1e-9 or got.max() > high + 1e-9:
            hint = (
                f"The right values lie between {low:g} and {high:g}; "
                f"yours go from {got.min():.3g} to {got.max():.3g}."
            )
    digits = 6 if f"{got[at]:.6g}" != f"{expected[at]:.6g}" else 12
    numbers = f"expected {expected[at]:.{digits}g}, got {got[at]:.{digits}g}."
    count = f"{share(error > 1)} wrong." if place else "wrong value."
    fail(
        name,
        "values",
        f"{item.label}: {count}{said}",
        f"Worst at {place}: {numbers}" if place else numbers.capitalize(),
        hint,
        items=items,
    )


def _fail_with(name, label, error, arguments):
    """Say what a function raised, and where."""
    if isinstance(error, NotImplementedError):
        fail(
            name,
            "not written",
            f"{name} is not written yet: it still raises NotImplementedError.",
            "Put your code in place of that line, run its cell, then run this one.",
        )
    # The first line that is not the checker's.
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _HERE not in f.filename]
    line = getattr(error, "student_line", frames[0].line if frames else "")
    head = f"{label} stopped with {type(error).__name__}"
    if line:
        head += " at: "
        left = max(10, WIDTH - len(head))
        head += line if len(line) <= left else f"{line[: left - 2]} …"
    shapes = ", ".join(
        f"{argument} {value.shape if isinstance(value, np.ndarray) else kind(value)}"
        for argument, value in arguments.items()
    )
    hint = meaning(error) or f"The arguments: {shapes}."
    if isinstance(error, NameError) and "'" in str(error):
        unknown = str(error).split("'")[1]
        hint = f"{unknown} is not an argument here; {listed(list(arguments))} are."
    fail(name, "error", head if line else f"{head}.", str(error), hint)


def is_float(leaf):
    """Return whether it is an array of real numbers."""
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"


def _same(got, expected):
    """Return whether one value is right, whatever else there is."""
    if not isinstance(got, np.ndarray) or got.shape != np.shape(expected):
        return False
    return np.allclose(np.asarray(got), expected, 1e-4, 1e-5)


def _equal(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return a == b
