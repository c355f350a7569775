"""Run every known mistake through its assignment's checks; print what was found and how."""

import contextlib
import io
import sys
from collections import Counter

from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES
from notebooks import ROOT, exports, run

SLUGS = sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())
ASSIGNMENTS = {name: slug for slug in SLUGS for name in exports(slug)}


def verdict(name, wrong, known):
    """Return "named", "misnamed", "plain" or "survived", and what was said.

    Parameters
    ----------
    name : str
        The function.
    wrong : callable
        A wrong version of it.
    known : str or None
        The name of its mistake; None if it is not in the bank.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        results = run(ASSIGNMENTS[name], {name: wrong}, f"test_{name}")
    errors = [error for error in results.values() if error]
    if not errors:
        return "survived", ""
    names = {mistake.name for mistake in MISTAKES[name]}
    for error in errors:
        said = error.mistake.split(" or ")
        if known in said:
            return "named", error.message
        if names & set(said):
            return "misnamed", error.message
    return "plain", errors[0].message


def table():
    """Print the table; return whether every mistake was found and none misnamed."""
    total = Counter()
    print(f"{'function':22} mistakes  killed   named  misnamed")
    for name in EXERCISES:
        counts = Counter()
        for mistake in MISTAKES[name]:
            how, said = verdict(name, mistake.wrong, mistake.name)
            counts[how] += 1
            if how != "named":
                print(f"  {name}, {mistake.name}: {how}. {said}")
        _row(name, counts)
        total += counts
    _row("total", total)
    return not total["survived"] and not total["misnamed"]


def _row(name, counts):
    n = counts.total()
    killed = n - counts["survived"]
    print(f"{name:22} {n:8} {killed / n:7.0%} {counts['named'] / n:7.0%} {counts['misnamed']:9}")


if __name__ == "__main__":
    sys.exit(0 if table() else 1)
