"""Time every exercise's visible check, right and wrong: no student should wait for it.

    python benchmarks/checks.py

A wrong function is compared with the whole bank of mistakes, so it takes
longest. Each known mistake of an exercise is tried; the slowest counts.
"""

import contextlib
import io
import time

from timing import progress, save

from lstm_check import CheckError, check
from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES


def milliseconds(name, function):
    """Return the quickest of three checks of a function, in wall-clock time."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(CheckError):
            check(name, function)
        best = min(best, 1000 * (time.perf_counter() - start))
    return best


def main():
    """Time the reference and every mistake of each exercise that is no training."""
    results = {}
    for name, exercise in EXERCISES.items():
        if exercise.judge:
            continue
        progress(f"{name}, {len(MISTAKES[name])} mistakes")
        wrong = [milliseconds(name, mistake.wrong) for mistake in MISTAKES[name]]
        results[name] = {
            "right": milliseconds(name, exercise.reference),
            "wrong": max(wrong),
            "mistakes": len(wrong),
        }
        print(f"{name}: right {results[name]['right']:.1f} ms, wrong {max(wrong):.1f} ms")
    save("checks", {"checks": results})


if __name__ == "__main__":
    main()
