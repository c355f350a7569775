"""What is said of known mistakes, and of what wrong values show where no mistake is known."""

import re
from dataclasses import replace

import numpy as np

from lstm_check.behaviour import alike, close, leaves
from lstm_check.errors import CheckError
from lstm_check.words import are_right, capital, counted, listed, wrapped

_NUMBERS = {2: "Two", 3: "Three"}
_NEAR = 1e-6, 1e-9


def named(found, bank, error, label):
    """Return a `CheckError` that names mistakes.

    Parameters
    ----------
    found : list of tuple of Mistake
        All that do exactly what the student's function does.
    bank : Bank
    error : CheckError
        What is said where no mistake is known.
    label : str
        What the message calls the function.
    """
    ways = {}
    for combination in map(bank.in_order, found):
        ways.setdefault(" + ".join(mistake.name for mistake in combination), combination)
    first, *others = ways.values()
    right = are_right([item.key for item in error.items if not item.wrong])
    head = f"{label}: {right}. " if right else f"{label}: "
    # The line that stopped is worth more than a line of text.
    lines = error.message.splitlines()[:1] if error.mistake == "error" else []
    if len(first) > 1:
        lines.append(f"{head}{_NUMBERS[len(first)]} things are wrong here.")
        for k, mistake in enumerate(first, 1):
            lines += wrapped(f"{k}. {capital(_sentence(mistake))}")
        if others:
            names = "; or ".join([*ways][1:3])
            lines += wrapped(f"Or, with exactly the same values: {names}.")
    elif others:
        lines.append(f"{head}Two mistakes give exactly this.")
        for mistake in (first[0], others[0][0]):
            lines += wrapped(f"- {capital(_sentence(mistake))}")
    else:
        said = _sentence(first[0])
        lines += wrapped(f"{head}{capital(said) if right else said}")
    section = "; ".join(dict.fromkeys(str(mistake.section) for mistake in first))
    edited = {line for combination in ways.values() for m in combination for line, _ in m.edits}
    return CheckError(" or ".join(ways), *lines, section=section, items=error.items, edited=edited)


def _sentence(mistake):
    return f"{mistake.sentence} (see {mistake.section})."


def shown(error, student, got, arguments, is_right_in_float64):
    """Return a `CheckError` that says what the values show, or `error` if they show nothing.

    Parameters
    ----------
    error : CheckError
    student : callable
        ``student(arguments)`` returns the `Behaviour` of the student's function.
    got : Behaviour
    arguments : dict
    is_right_in_float64 : callable
        Returns whether it is with these arguments, where they are of less precision.
    """
    wrong = [item for item in error.items if item.wrong and np.ndim(item.expected)]
    # Of True and False there is nothing to see that could be rounded or scaled.
    wrong = [item for item in wrong if np.asarray(item.expected).dtype.kind != "b"]
    found = wrong and (
        _zeros(wrong)
        or _rounded(wrong)
        or _imprecise(wrong, is_right_in_float64)
        or _simple(wrong, error.items)
    )
    if not found and error.mistake in ("values", "shape", "error", "not finite"):
        unused = [a for a in arguments if _same(student({**arguments, a: "what it is not"}), got)]
        if got.error:  # it may have stopped before it came to that
            unused = unused[:1] if _foreign(str(got.error), arguments) else []
        if unused:
            said = f"it never looks at {listed(unused)}. Does it use what is outside of it?"
            found = f"{listed(unused)} not used", said
    if not found:
        return error
    name, text = found
    lines = error.message.splitlines()[: 1 if error.mistake == "error" else 2]
    end = "" if text.endswith((".", "?")) else "."
    lines += wrapped(f"{text[0].upper()}{text[1:]}{end}")
    return CheckError(name, *lines, items=error.items)


def followed(error, said, line):
    """Return the error with a sentence in place of its hint, or as it is if there is none.

    The sentence is about a named line of the right function. What the values show stays; where
    the worst of them is, is then of less use.
    """
    if not said:
        return error
    first, *others = error.message.splitlines()
    others = others[:1] if error.mistake == "values" else others[1:]
    lines = [first, *others, *wrapped(f"{said[0].upper()}{said[1:]}.")]
    return CheckError(error.mistake, *lines, items=error.items, edited=[line])


def _same(one, other):
    return alike(replace(one, arguments={}), replace(other, arguments={}), 0, 0)


def _foreign(text, arguments):
    """Return whether an error tells of a shape that nothing made of the arguments can have."""
    if "inhomogeneous" in text:  # the shape is that of a list of arrays
        return False
    sizes = {size for _, leaf in leaves(arguments) for size in np.shape(leaf)}
    sizes |= {a + b for a in sizes for b in sizes} | {a * b for a in sizes for b in sizes}
    told = re.findall(r"\((\d+(?:, ?\d+)*,?)\)", text)
    return any(int(size) not in sizes for shape in told for size in re.findall(r"\d+", shape))


def _zeros(wrong):
    """Return a name and what to say if there is nothing else."""
    return None if any(np.any(item.got) for item in wrong) else ("zeros", "your values are all 0")


def _vary(wrong):
    """Return whether values differ: one number for all may be a bound or near, by chance."""
    return len(np.unique(np.concatenate([np.abs(item.got).ravel() for item in wrong]))) > 1


def _rounded(wrong):
    """Return a name and what to say if the right values are rounded."""
    for k in range(8) if _vary(wrong) else ():
        step = 10.0**-k
        if all(close(i.got, np.round(i.expected, k), 1e-7, 1e-3 * step) for i in wrong):
            said = f"your values are rounded to {counted(k, 'decimals')}; return all there are"
            return "rounded", said
    return None


def _imprecise(wrong, is_right_in_float64):
    """Return a name and what to say if nothing is wrong but the precision."""
    off = max(np.max(abs(i.got - i.expected)) / np.max(abs(i.expected)) for i in wrong)
    if off < 1e-3:
        digits = counted(int(-np.log10(off)), "digits")
        return "precision", f"about {digits} are right. What costs precision on the way?"
    if is_right_in_float64():
        return "precision", (
            "with float64 it is right: something takes more precision than float32 has. Is it a "
            "difference of nearly equal numbers, or a number that is too small?"
        )
    return None


def _simple(wrong, items):
    """Return a name and what to say if something simple makes the wrong values of the right."""
    got, right = np.asarray(wrong[0].got, float), np.asarray(wrong[0].expected, float)
    most = max(np.max(abs(item.got)) for item in wrong)
    if _vary(wrong) and _all_are(wrong, lambda right: np.clip(right, -most, most)):
        said = f"your values are cut off at {most:.3g} and -{most:.3g}; nothing bounds them"
        return "clipped", said
    other = [(i.key, j.key) for i in wrong for j in items if close(i.got, j.expected, *_NEAR)]
    if len(other) == len(wrong):
        said = [f"what belongs into {theirs} stands in {mine}" for mine, theirs in other[:2]]
        return "under another name", listed(said)
    if _all_are(wrong, np.transpose):
        return "transposed", "your values are the right ones, transposed"
    if _all_are(wrong, lambda right: right[::-1]):
        return "reversed", "your values are the right ones in the reverse order, the last first"
    if got.size == 1:  # there always is a factor
        return None
    factor, more = np.sum(got * right) / np.sum(right**2), np.mean(got - right)
    if _all_are(wrong, lambda right: factor * right):
        return "by a factor", f"each of your values is {factor:.6g} times the right one"
    if _all_are(wrong, lambda right: right + more):
        return "by a constant", f"each of your values is the right one and {more:.6g} more"
    return None


def _all_are(wrong, change):
    return all(close(item.got, change(np.asarray(item.expected, float)), *_NEAR) for item in wrong)
