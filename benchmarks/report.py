"""Write what README says of speed, from the results of all machines.

python benchmarks/report.py
"""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = "<!-- benchmarks/report.py writes from here -->\n"
LAST = "<!-- to here -->\n"


def load(name):
    """Return the results of a benchmark, by processor, the oldest first."""
    files = (ROOT / "benchmarks/results").glob(f"*/{name}.json")
    results = sorted((json.loads(file.read_text()) for file in files), key=lambda r: r["date"])
    return {r["machine"]["cpu"].replace("(R)", ""): r for r in results}


def over(results, peer, dtype, size, kind="both"):
    """Return the time of lstm_ref.fast at one size, divided by that of a peer."""
    times = results["times"][f"{dtype} {size}"][kind]
    return times["fast"][1] / times[peer][1]


def each_more(grading):
    """Return the seconds that one more submission takes."""
    first, last = grading["growth"][1], grading["growth"][-1]
    return (last["wall"] - first["wall"]) / (last["students"] - first["students"])


def span(values, form):
    """Return the smallest and the largest value as text, or one where they read the same."""
    low, high = (f"{value:{form}}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def beside_torch(dtype, form, machines):
    """Return the range of ratios to PyTorch's time, and at how many points PyTorch is quicker."""
    ratios = [over(results, "torch", dtype, s) for results in machines for s in results["sizes"]]
    return span(ratios, form), f"{sum(ratio > 1 for ratio in ratios)} of {len(ratios)}"


def section():
    """Return the lines of README between the two marks."""
    lstm, grading, book = (load(name) for name in ("lstm", "grading", "book"))
    large, tiny = (
        span([100 / over(r, "floor", "float64", s) for r in lstm.values() for s in sizes], ".0f")
        for sizes in ("ABD", "C")
    )
    in_double, won_in_double = beside_torch("float64", ".2f", lstm.values())
    in_single, won_in_single = beside_torch("float32", ".1f", lstm.values())
    gains = [r["nbgrader"]["wall"] / r["lstm_grade"]["wall"] for r in grading.values()]
    more = span([1000 * each_more(r) for r in grading.values()], ".0f")
    cold, warm, changed = (
        span([r["seconds"][name] for r in book.values()], ".0f")
        for name in ("cold", "warm", "one chapter changed")
    )
    machines = " and ".join(f"{name} ({r['date']})" for name, r in lstm.items())
    return f"""
On {machines}:

| | |
|---|---|
| `lstm_ref.fast`, forward and backward, one thread | {large} % of the speed of its matrix \
products and elementwise work alone; {tiny} % for 32 units on one sequence |
| its time divided by PyTorch's, four sizes | {in_double} in float64, where PyTorch is quicker at \
{won_in_double}; {in_single} in float32, where PyTorch, with a fused kernel, is quicker at \
{won_in_single} |
| 30 submissions of `gates` | {span(gains, ".0f")} times quicker than nbgrader as it is; one more \
takes {more} ms |
| `make book` | {cold} s cold, {warm} s with nothing changed, {changed} s with one chapter changed |

"""


def main():
    """Replace the lines between the two marks in README."""
    readme = ROOT / "README.md"
    before, rest = readme.read_text().split(FIRST)
    _, after = rest.split(LAST)
    readme.write_text(before + FIRST + section() + LAST + after)


if __name__ == "__main__":
    main()
