"""Run known mistakes through the checks, one at a time and two at once; print what was said.

    python tests/mutants.py [FUNCTION …] [--pairs]

A mistake is run through its assignment's test cells. Pairs, of which there are thousands, are
looked up in the bank; `--pairs` also lists those that are not told apart, each with the reason.
Those of the functions in which they are many are kept in pairs.txt.
"""

import contextlib
import io
import sys
from collections import Counter

import numpy as np

from lstm_check.behaviour import alike, behave
from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES, bank_of
from notebooks import ROOT, exports, run

SLUGS = sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())
ASSIGNMENTS = {name: slug for slug in SLUGS for name in exports(slug)}
HEAD = f"{'function':22} mistakes  killed   named  misnamed"
PAIRS = (
    f"{'pairs in':22} pairs  named  one of them  another cause  unnamed  misnamed  not told apart"
)


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
        if names & {one for way in said for one in way.split(" + ")}:
            return "misnamed", error.message
    return "plain", errors[0].message


def of_pair(name, pair):
    """Return what is said of a function with two mistakes.

    Returns
    -------
    how : str
        "named"; else "one of them" or "another cause", if exactly the same function has that
        name; else "unnamed", or "misnamed".
    said : list of tuple of str
        The names that are given.
    """
    bank = bank_of(name)
    wrong = bank.wrong(pair)

    def does(arguments):
        return behave(wrong, arguments)

    found = bank.find(does, does(bank.draws[1]), bank.draws[1], (1e-8, 1e-10))
    wanted = {mistake.name for mistake in pair}
    said = [tuple(mistake.name for mistake in one) for one in found]
    if any(set(names) == wanted for names in said):
        return "named", said
    if not said:
        return "unnamed", said
    # Drawn anew: whatever is said has to do the same there, too.
    for one in found:
        for k, size in enumerate(bank.exercise.telling):
            arguments = bank.exercise.draw(np.random.default_rng([k, 99]), size)
            if not alike(does(arguments), behave(bank.wrong(one), arguments), 1e-7, 1e-9):
                return "misnamed", said
    single = any(len(names) == 1 and names[0] in wanted for names in said)
    return ("one of them" if single else "another cause"), said


def table(names):
    """Print the table of mistakes; return whether each was found and none misnamed."""
    total = Counter()
    print(HEAD)
    for name in names:
        counts = Counter()
        for mistake in MISTAKES[name]:
            how, said = verdict(name, mistake.wrong, mistake.name)
            counts[how] += 1
            if how != "named":
                print(f"  {name}, {mistake.name}: {how}. {said}")
        _row(name, counts)
        total += counts
    _row("total", total)
    return total["named"] == total.total()


def _row(name, counts):
    n = counts.total()
    killed, named = (share(count, n) for count in (n - counts["survived"], counts["named"]))
    print(f"{name:22} {n:8} {killed:>7} {named:>7} {counts['misnamed']:9}")


def share(count, n, digits=0):
    """Return how many these are of all, in percent; of none there is nothing to say."""
    return f"{count / n:.{digits}%}" if n else "–"


def table_of_pairs(names, listed):
    """Print the table of pairs; return whether nearly all are named and none wrongly."""
    total, why = Counter(), []
    print(PAIRS)
    for name in names:
        if not bank_of(name).sieve:
            continue
        counts = Counter()
        for pair in bank_of(name).sieve.sets(2):
            how, said = of_pair(name, pair)
            counts[how] += 1
            if how != "named":
                is_said = " or ".join(" + ".join(names) for names in said) or "nothing"
                both = " + ".join(mistake.name for mistake in pair)
                why.append(f"  {name}, {both}: {REASONS[how]}{is_said}")
        _row_of_pairs(name, counts)
        total += counts
    _row_of_pairs("total", total)
    print("\n".join(why if listed else why[:0]))
    return not total["misnamed"] and total["named"] >= 0.95 * total.total()


REASONS = {
    "one of them": "the other one makes no difference then; said is ",
    "another cause": "exactly the same function is ",
    "unnamed": "they stop, or hide each other's values; said is ",
    "misnamed": "WRONG: said is ",
}


def _row_of_pairs(name, counts):
    n = counts.total()
    named, apart = (share(count, n, 1) for count in (counts["named"], n - counts["named"]))
    print(
        f"{name:22} {n:5} {named:>6} {counts['one of them']:12} "
        f"{counts['another cause']:14} {counts['unnamed']:8} {counts['misnamed']:9} {apart:>15}"
    )


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name in EXERCISES] or list(EXERCISES)
    done = [table(chosen), table_of_pairs(chosen, "--pairs" in sys.argv)]
    sys.exit(0 if all(done) else 1)
