"""Pairs of sequences that are made, not collected: letters and their reversal, dates in one form.

Characters are codes; code 0 is the dot, which begins and ends what is written. All pairs of a batch
have the same length, so that nothing is padded.
"""

import string
from datetime import date, timedelta

import numpy as np

CHARACTERS = {
    "reversal": "." + string.ascii_lowercase,
    "dates": "." + string.ascii_letters + string.digits + " ,-",
}
TRAINED, TESTED = range(1, 21), range(2, 31, 2)  # how many letters
FIRST, DAYS = date(1900, 1, 1), 73049  # to the end of 2099


def encode(task, texts):
    """Return texts of one length as codes, (T, B)."""
    codes = {c: k for k, c in enumerate(CHARACTERS[task])}
    return np.array([[codes[c] for c in text] for text in texts]).T


def decode(task, codes):
    """Return codes (T,) as text, up to the dot that ends it."""
    return "".join(CHARACTERS[task][k] for k in codes).partition(".")[0]


def words(day, style):
    """Return a date as people write it, in one of six styles."""
    n = day.day
    th = "th" if 10 < n < 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    pattern = [
        f"%B {n}, %Y",
        f"{n} %b %Y",
        f"%A, {n} %B %Y",
        f"{n}{th} of %B %Y",
        f"%a, %b {n} %Y",
        f"%Y, %B {n}",
    ][style]
    return day.strftime(pattern)


def days(part):
    """Return the days from 1900 to 2099 that are for a part: nine tenths are ``"train"``."""
    order = np.random.default_rng(0).permutation(DAYS)
    held_out = DAYS // 10
    return order[held_out:] if part == "train" else order[:held_out]


def reversals(length, size, rng):
    """Return letters x (T, B), and the same in reverse order with the dot, (T + 1, B)."""
    x = rng.integers(1, len(CHARACTERS["reversal"]), (length, size))
    return x, np.concatenate([x[::-1], np.zeros_like(x[:1])])


def batches(task, size, rng, part="train"):
    """Yield x (T, B) and y (T', B) without end: B pairs of one length, as soon as there are B."""
    there, waiting = days(part), {}
    while True:
        if task == "reversal":
            yield reversals(rng.choice(TRAINED), size, rng)
            continue
        day = FIRST + timedelta(int(rng.choice(there)))
        text = words(day, rng.integers(6))
        group = waiting.setdefault(len(text), [])
        group.append((text, f"{day:%Y-%m-%d}."))
        if len(group) == size:
            x, y = zip(*waiting.pop(len(text)), strict=True)
            yield encode(task, x), encode(task, y)


def tests(task):
    """Return what is tested: by length of x, pairs x (T, B) and y (T', B)."""
    rng = np.random.default_rng(1)
    if task == "reversal":
        return {length: reversals(length, 500, rng) for length in TESTED}
    drawn = {}
    stream = batches(task, 50, rng, "test")
    for x, y in (next(stream) for _ in range(60)):
        drawn.setdefault(len(x), []).append((x, y))
    return {
        length: tuple(np.concatenate(part, axis=1) for part in zip(*drawn[length], strict=True))
        for length in sorted(drawn)
    }
