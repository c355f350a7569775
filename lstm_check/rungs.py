"""The rungs of a check, from "is not a function" to "wrong values", and what each says."""

import re
from dataclasses import dataclass

import numpy as np

from lstm_check.behaviour import (
    behave,
    close,
    is_float,
    is_numeric,
    leaves,
    mapped,
    plain,
    widened,
)
from lstm_check.cells import line_of
from lstm_check.errors import CheckError
from lstm_check.imports import missing_module
from lstm_check.raised import meaning
from lstm_check.words import WIDTH, are_right, counted, kind, listed, share, wrapped

_NO_RETURN = "Does the function end with a return statement?"
_AXES = {"T": "steps", "B": "examples", "D": "inputs", "H": "hidden units"}
_ABOUT = 1e-4, 1e-5  # where something else is wrong, in float32 too
_ORDINALS = ("first", "second", "third")


def check_function(name, function, modules):
    """Raise a `CheckError` if there is no function, or it needs what will not be there."""
    if not callable(function):
        raise CheckError(
            "not a function",
            f"{name} is not a function any more: it now holds a {type(function).__name__}.",
            "Give your variable another name, then run the cell that defines the function.",
        )
    missing = missing_module(function, modules)
    if missing:
        raise CheckError(
            "import",
            f"{name} uses {missing}, which will not be there when your work is graded.",
            f"You can use {listed(['Python itself', *modules])}.",
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

    def error(self, rtol, atol):
        """Return by how much it is off, in units of the tolerance: above 1 is wrong."""
        got, expected = np.asarray(self.got, float), np.asarray(self.expected, float)
        return np.abs(got - expected) / (atol + rtol * np.abs(expected))


def climb(case, got, arguments):
    """Raise a `CheckError` at the first rung on which a behaviour is not right.

    Parameters
    ----------
    case : checking.Case
    got : Behaviour
        What the student's function did with `arguments`.
    arguments : dict
    """
    exercise, label = case.exercise, case.label
    if got.error:
        raise _stopped(case, got.error, arguments)
    expected = behave(exercise.reference, widened(arguments)).result
    items = _items(case, got.result, expected)
    for item in items:
        _check_kind(item)
        _check_shape(item, case)
        _check_dtype(item, np.dtype(case.size.dtype))
        _check_finite(item)
    for item in items:
        item.wrong = not exercise.judge and not (item.error(*case.tolerance) <= 1).all()
    right = not exercise.judge and not any(item.wrong for item in items)
    _check_unchanged(label, right, got.arguments, arguments)
    if exercise.judge:
        said = exercise.judge(arguments, mapped(plain, got.result))
        if said:
            raise CheckError("values", *wrapped(f"{case.name}: {said}"))
        return
    if any(item.wrong for item in items):
        raise _wrong_values(items, case)
    if exercise.warnings and got.warned and case.size.dtype == "float64":
        raise CheckError(
            "warning",
            f"{label}: the values are right, but NumPy warns on the way:",
            f"{min(got.warned)}.",
            "Numbers this large are allowed; compute without such a detour.",
        )


def _items(case, got, expected):
    """Take a result apart, and fail if it does not have the parts it should."""
    label, shapes = case.label, case.exercise.result
    if isinstance(shapes, str):
        return [Item("", label, got, expected, shapes)]
    looked_at = [key for key in shapes if case.only is None or key in case.only]
    if isinstance(expected, dict):
        _check_dict(case, got, looked_at)
    else:
        keys = list(shapes)
        if isinstance(got, np.ndarray) and got.shape == (len(keys), *np.shape(expected[0])):
            got = tuple(got)  # two arrays of one shape in one array are unpacked like a tuple
        _check_number(label, got, expected, keys)
        got, expected = (dict(zip(keys, values, strict=True)) for values in (got, expected))
    return [Item(k, f"{label}, {k}", got[k], expected[k], shapes[k]) for k in looked_at]


def _check_dict(case, got, keys):
    if not isinstance(got, dict):
        some = keys if len(keys) < 5 else [*keys[:3], f"{len(keys) - 3} more"]
        hint = _NO_RETURN if got is None else ""
        if isinstance(got, tuple | list) and any(isinstance(item, dict) for item in got):
            hint = "One of them is a dict: return the dict alone."
        wanted = f"expected a dict with {listed(some)}"
        raise _of_another_kind(f"{case.label} returns", got, wanted, hint)
    lacking = [key for key in keys if key not in got]
    if lacking:
        raise CheckError(
            "type",
            f"{case.label}: the dict it returns lacks {listed(lacking)}.",
            f"It has {listed(list(map(str, got))) or 'nothing'}.",
            case.exercise.names_hint,
        )


def _check_number(label, got, expected, keys):
    """Fail if it is not as many arrays as there should be."""
    wanted = f"expected {len(keys)} arrays: {', '.join(keys)}"
    last_line = f"End with: return {', '.join(keys)}"
    if not isinstance(got, tuple | list):
        hint = _NO_RETURN if got is None else last_line
        raise _of_another_kind(f"{label} returns", got, wanted, hint)
    if len(got) > len(keys) and close(got[: len(keys)], expected, *_ABOUT):
        more = listed([kind(item) for item in got[len(keys) :]])
        raise CheckError(
            "cache returned too" if len(got) == len(keys) + 1 else "more returned",
            f"{label}: {listed(keys)} are right, but you return {more} as well.",
            f"Whoever calls it expects two results. {last_line}",
        )
    if len(got) != len(keys):
        said = f"{label} returns {counted(len(got), 'values')}; {wanted}."
        raise CheckError("type", said, last_line)


def _of_another_kind(head, got, wanted, hint):
    mistake = "none" if got is None else "type"
    return CheckError(mistake, f"{head} {kind(got)}; {wanted}.", hint)


def _check_kind(item):
    got, shape = item.got, np.shape(item.expected)
    if isinstance(got, np.ndarray) or (not shape and is_numeric(got)):
        return
    hint = "Use NumPy functions only, and return what they give."
    if got is None:
        hint = "" if item.key else _NO_RETURN
    elif isinstance(got, tuple):
        hint = "Return one array; a comma after it makes a tuple."
        if len(got) > 1:
            right = [k for k, one in enumerate(got) if close(one, item.expected, *_ABOUT)]
            which = f"the {_ORDINALS[right[0]]} is right: " if right and right[0] < 3 else ""
            hint = f"These are {len(got)} values, and one is asked for; {which}return it alone."
    elif isinstance(got, list):
        hint = "np.array makes an array of a list of rows."
    elif type(got).__module__ == "torch":
        one, makes = ("an array", ".detach().numpy()") if shape else ("a number", ".item()")
        hint = f"It is PyTorch's: {makes} makes {one} of it."
    elif np.isscalar(got):
        hint = f"That is one number; the result has {np.size(item.expected)}."
    wanted = f"expected an array of shape {shape}" if shape else "expected a number"
    raise _of_another_kind(f"{item.label} {'is' if item.key else 'returns'}", got, wanted, hint)


def _check_shape(item, case):
    got, expected = np.shape(item.got), np.shape(item.expected)
    if got == expected:
        return
    symbols = f"{item.symbols} = " if item.symbols else ""
    sizes = ", ".join(f"{one} = {getattr(case.size, one)}" for one in case.exercise.sizes)
    axes = [
        " + ".join(_AXES[letter] for letter in re.findall("[TBHD]", axis))
        for axis in item.symbols.strip("()").split(", ")
    ]
    told = len(axes) > 1 and not re.search(r"\d", item.symbols)
    raise CheckError(
        "shape",
        f"{item.label}: expected shape {symbols}{expected}, got {got}.",
        f"Here {sizes}." if sizes else "",
        f"The axes are {', '.join(axes)}." if told else "",
    )


def _check_dtype(item, dtype):
    got = np.asarray(item.got).dtype
    if not is_float(np.asarray(item.expected)):
        return
    if got.kind == "f" and got.itemsize >= dtype.itemsize:
        return
    hint = "The values must be real numbers: look for a comparison, a rounding or a list."
    if got.kind == "f":
        hint = "Keep the precision of the arguments: something on the way makes it less."
    raise CheckError("dtype", f"{item.label}: expected dtype {dtype}, got {got}.", hint)


def _check_finite(item):
    got, expected = np.asarray(item.got), np.asarray(item.expected)
    wrong = ~np.isfinite(got) if is_float(expected) else np.array(False)
    if wrong.any():
        at = tuple(map(int, np.argwhere(wrong)[0]))
        raise CheckError(
            "not finite",
            f"{item.label}: {share(wrong)} not finite.",
            f"The first is at {list(at)}: expected {expected[at]:.6g}, got {got[at]}.",
            "np.exp of a large number is inf, and inf / inf or 0 * inf is nan.",
        )


def _check_unchanged(label, right, given, arguments):
    after, known = (
        dict(leaf for argument, value in one.items() for leaf in leaves(value, argument))
        for one in (given, arguments)
    )
    changed = [place for place in known if not close(known[place], after.get(place), 0, 0)]
    changed += [place for place in after if place not in known]
    if changed:
        but = "the values are right, but it" if right else "it"
        raise CheckError(
            "argument changed",
            *wrapped(f"{label}: {but} changes its argument {changed[0]}."),
            "Its caller still needs it as it was.",
            "+=, *=, out= and [...] = write into the array itself: make a new one.",
        )


def _wrong_values(items, case):
    item = next(item for item in items if item.wrong)
    right = [other.key for other in items if not other.wrong]
    said = "All else is right" if 4 < len(right) == len(items) - 1 else are_right(right)
    got, expected = np.asarray(item.got), np.asarray(item.expected)
    error = item.error(*case.tolerance)
    at = np.unravel_index(np.argmax(error), error.shape)
    place = [int(index) for index in at]
    hint = f"{case.exercise.hint} See {case.exercise.section}."
    low, high = case.exercise.bounds.get(item.key, (-np.inf, np.inf))
    if got.min() < low - 1e-9 or got.max() > high + 1e-9:
        hint = (
            f"The right values lie between {low:g} and {high:g}; "
            f"yours go from {got.min():.3g} to {got.max():.3g}."
        )
    digits = 6 if f"{got[at]:.6g}" != f"{expected[at]:.6g}" else 12
    numbers = f"expected {expected[at]:.{digits}g}, got {got[at]:.{digits}g}."
    count = f"{share(error > 1)} wrong." if place else "wrong value."
    return CheckError(
        "values",
        f"{item.label}: {count}{f' {said}.' if said else ''}",
        f"Worst at {place}: {numbers}" if place else numbers.capitalize(),
        hint,
        items=items,
    )


def _stopped(case, error, arguments):
    """Say what a function raised, and where."""
    if isinstance(error, NotImplementedError):
        return CheckError(
            "not written",
            f"{case.name} is not written yet: it still raises NotImplementedError.",
            "Put your code in place of that line, run its cell, then run this one.",
        )
    line = line_of(error)
    head = f"{case.label} stopped with {type(error).__name__}"
    if line:
        head += " at: "
        left = max(10, WIDTH - len(head))
        head += line if len(line) <= left else f"{line[: left - 2]} …"
    shapes = ", ".join(
        f"{argument} {value.shape if isinstance(value, np.ndarray) else kind(value)}"
        for argument, value in arguments.items()
    )
    hint = f"The arguments: {shapes}."
    if isinstance(error, NameError) and "'" in str(error):
        unknown = str(error).split("'")[1]
        hint = f"{unknown} is not an argument here; {listed(list(arguments))} are."
    if isinstance(error, KeyError):
        hint = _about_key(error, line, arguments) or hint
    return CheckError("error", head if line else f"{head}.", str(error), meaning(error) or hint)


def _about_key(error, line, arguments):
    """Return what is under which name in the arguments, or ""."""
    dicts = {name: value for name, value in arguments.items() if isinstance(value, dict)}
    having = [name for name in dicts if error.args and error.args[0] in dicts[name]]
    if having:
        return f"{having[0]} has it, but not the dict that is asked here."
    asked = [name for name in dicts if f"{name}[" in line]
    return f"{asked[0]} has {listed(list(map(str, dicts[asked[0]])))}." if asked else ""
