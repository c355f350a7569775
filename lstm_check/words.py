"""How messages say things: numbers, lists, shares, kinds, and lines that fit."""

import re
import textwrap

import numpy as np

# `nbgrader validate` cuts what is longer.
WIDTH = 83


def wrapped(text):
    """Return the lines of a text."""
    return textwrap.wrap(text, WIDTH)


def shorten(line):
    """Cut words out of the middle: errors of NumPy say the most at their end."""
    words = line.split()
    if len(" ".join(words)) <= WIDTH:
        return " ".join(words)
    head = textwrap.wrap(line, WIDTH // 2 - 1)[0]
    tail = textwrap.wrap(" ".join(reversed(words)), WIDTH // 2 - 1)[0].split()
    return f"{head} … {' '.join(reversed(tail))}"


def capital(text):
    """Return a sentence with a capital, if it does not begin with a name in code."""
    word = re.match(r"[a-z]*[aeiou][a-z]*(?![\w.,([=])", text)
    return text[0].upper() + text[1:] if word else text


def counted(number, nouns):
    """Return such as "1 step" or "4 steps"."""
    return f"{number} {nouns.removesuffix('s') if number == 1 else nouns}"


def listed(words):
    """Return such as "f, i and o"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def are_right(keys):
    """Return such as "h_t is right", or "" if nothing is."""
    if len(keys) > 4:
        return f"{len(keys)} arrays are right"
    return f"{listed(keys)} {'is' if len(keys) == 1 else 'are'} right" if keys else ""


def share(wrong):
    """Return such as "1 of 8 values is" or "3 of 8 values are"."""
    return f"{wrong.sum()} of {counted(wrong.size, 'values')} {'is' if wrong.sum() == 1 else 'are'}"


def kind(value):
    """Return what a value is, such as "a list" or "None"."""
    if value is None:
        return "None"
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"a{'n' if name[0] in 'aeiou' else ''} {name}"
