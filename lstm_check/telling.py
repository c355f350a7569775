"""What is said of known mistakes, and of what wrong values show where no mistake is known."""

import re
import textwrap
from dataclasses import replace

import numpy as np

from lstm_check.behaviour import alike, leaves, mapped
from lstm_check.errors import WIDTH, CheckError
from lstm_check.rungs import is_float
from lstm_check.words import are_right, counted, listed

_NUMBERS = {2: "Two", 3: "Three"}


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
        ways.setdefault(tuple(mistake.name for mistake in combination), combination)
    first, *others = ways.values()
    right = are_right([item.key for item in error.items if not item.wrong])
    right = f"{right}. " if right else ""
    # The line that stopped is worth more than a line of text.
    lines = [error.message.splitlines()[0]] if error.mistake == "error" else []
    if len(first) > 1:
        lines.append(f"{label}: {right}{_NUMBERS[len(first)]} things are wrong here.")
        for k, mistake in enumerate(first, 1):
            lines += textwrap.wrap(f"{k}. {_capital(_sentence(mistake))}", WIDTH)
        if others:
            names = "; or ".join(" + ".join(m.name for m in other) for other in others[:2])
            lines += textwrap.wrap(f"Or, with exactly the same values: {names}.", WIDTH)
    elif others:
        lines.append(f"{label}: {right}Two mistakes give exactly this.")
        for mistake in (first[0], others[0][0]):
            lines += textwrap.wrap(f"- {_capital(_sentence(mistake))}", WIDTH)
    else:
        said = _capital(_sentence(first[0])) if right else _sentence(first[0])
        lines += textwrap.wrap(f"{label}: {right}{said}", WIDTH)
    name = " or ".join(" + ".join(names) for names in ways)
    section = "; ".join(dict.fromkeys(str(mistake.section) for mistake in first))
    edited = {line for combination in ways.values() for m in combination for line, _ in m.edits}
    return CheckError(error.function, name, "\n".join(lines), section, error.items, edited)


def _sentence(mistake):
    return f"{mistake.sentence} (see {mistake.section})."


def _capital(text):
    """Return a sentence with a capital, if it does not begin with a name in code."""
    word = re.match(r"[a-z]*[aeiou][a-z]*(?![\w.,([=])", text)
    return text[0].upper() + text[1:] if word else text


def shown(error, label, student, got, arguments, is_right):
    """Return a `CheckError` that says what the values show, or `error` if they show nothing.

    Parameters
    ----------
    error : CheckError
    label : str
    student : callable
        ``student(arguments)`` returns the `Behaviour` of the student's function.
    got : Behaviour
    arguments : dict
    is_right : callable
        ``is_right(arguments)`` returns whether it does with these, in float64.
    """
    wrong = [item for item in error.items if item.wrong and np.ndim(item.expected)]
    # Of True and False there is nothing to see that could be rounded or scaled.
    wrong = [item for item in wrong if np.asarray(item.expected).dtype.kind != "b"]
    found = None
    for fact in (_rounded, _imprecise, _simple) if wrong else ():
        found = found or fact(wrong, error.items, lambda: is_right(_wide(arguments)))
    if not found and error.mistake in ("values", "shape", "error", "not finite"):
        unused = [a for a in arguments if _same(student({**arguments, a: None}), got)]
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
    lines += textwrap.wrap(f"{text[0].upper()}{text[1:]}{end}", WIDTH)
    return CheckError(error.function, name, "\n".join(lines), error.section, error.items)


def followed(error, said, line):
    """Return the error with a sentence in place of its hint, or as it is if there is none.

    The sentence is about a named line of the right function. What the values show stays; where
    the worst of them is, is then of less use.
    """
    if not said:
        return error
    said = f"{said[0].upper()}{said[1:]}."
    first, *others = error.message.splitlines()
    others = others[:1] if error.mistake == "values" else others[1:]
    lines = [first, *others, *textwrap.wrap(said, WIDTH)]
    text = "\n".join(lines)
    return CheckError(error.function, error.mistake, text, error.section, error.items, [line])


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


def _wide(arguments):
    return mapped(lambda leaf: leaf.astype(float) if is_float(leaf) else leaf, arguments)


def _rounded(wrong, items, is_right):
    """Return a name and what to say if the right values are rounded."""
    for k in range(8):
        step = 10.0**-k
        if all(_near(i.got, np.round(i.expected, k), 1e-7, 1e-3 * step) for i in wrong):
            said = f"your values are rounded to {counted(k, 'decimals')}; return all there are"
            return "rounded", said
    return None


def _imprecise(wrong, items, is_right):
    """Return a name and what to say if nothing is wrong but the precision."""
    off = max(np.max(abs(i.got - i.expected)) / np.max(abs(i.expected)) for i in wrong)
    if off < 1e-3:
        digits = counted(int(-np.log10(off)), "digits")
        return "precision", f"about {digits} are right. What costs precision on the way?"
    if is_right():
        return "precision", (
            "with float64 it is right: something takes more precision than float32 has. Is it a "
            "difference of nearly equal numbers, or a number that is too small?"
        )
    return None


def _simple(wrong, items, is_right):
    """Return a name and what to say if something simple makes the wrong values of the right."""
    got, right = np.asarray(wrong[0].got, float), np.asarray(wrong[0].expected, float)
    if not any(np.any(item.got) for item in wrong):
        return "zeros", "your values are all 0"
    most = max(np.max(abs(item.got)) for item in wrong)
    if _all_are(wrong, lambda right: np.clip(right, -most, most)):
        said = f"your values are cut off at {most:.3g} and -{most:.3g}; nothing bounds them"
        return "clipped", said
    other = [(i.key, j.key) for i in wrong for j in items if _near(i.got, j.expected)]
    if len(other) == len(wrong):
        said = [f"what belongs into {theirs} stands in {mine}" for mine, theirs in other[:2]]
        return "under another name", listed(said)
    if _all_are(wrong, np.transpose):
        return "transposed", "your values are the right ones, transposed"
    if _all_are(wrong, lambda right: right[::-1]):
        return "reversed", "your values are the right ones in the reverse order, the last first"
    factor, more = np.sum(got * right) / np.sum(right**2), np.mean(got - right)
    if _all_are(wrong, lambda right: factor * right):
        return "by a factor", f"each of your values is {factor:.6g} times the right one"
    if _all_are(wrong, lambda right: right + more):
        return "by a constant", f"each of your values is the right one and {more:.6g} more"
    return None


def _all_are(wrong, change):
    return all(_near(item.got, change(np.asarray(item.expected, float))) for item in wrong)


def _near(got, values, rtol=1e-6, atol=1e-9):
    return np.shape(got) == np.shape(values) and np.allclose(got, values, rtol, atol)
