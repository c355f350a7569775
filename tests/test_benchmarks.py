"""What the benchmarks compare computes the same, and the page shows what they wrote."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from lstm_ref import LSTMParams

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
from floor import floor  # noqa: E402
from ladder import RUNGS  # noqa: E402
from timing import interleave  # noqa: E402

sys.path.remove(str(BENCHMARKS))  # its grading.py would hide the folder tests/grading


@pytest.mark.parametrize("name", RUNGS)
def test_every_rung_computes_the_same(name):
    rng = np.random.default_rng(0)
    T, B, D, H = 5, 2, 3, 4
    params = LSTMParams.init(D, H, rng)
    x, dh = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H))
    expected = RUNGS["lstm_ref"](x, params, dh)
    for got, wanted in zip(RUNGS[name](x, params, dh), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_floor_runs_at_any_size(dtype):
    for run in floor(4, 3, 2, 5, dtype, np.random.default_rng(0)):
        run()


def test_candidates_take_turns():
    turns = []
    candidates = {name: lambda name=name: turns.append(name) for name in "ab"}
    quartiles = interleave(candidates, rounds=3, at_least=0)
    assert "".join(turns) == "aabb" + "ab" * 3  # twice each to warm up, then in turns
    assert all(low <= middle <= high for low, middle, high in quartiles.values())


@pytest.mark.parametrize("name", ["lstm", "lstm-2-threads", "checks", "grading", "book"])
def test_results_say_where_and_when(name):
    results = json.loads((BENCHMARKS / "results" / f"{name}.json").read_text())
    assert results["machine"]["cpu"]
    assert results["date"] > "2026"


def test_readme_says_what_was_measured():
    lstm, grading, book = (
        json.loads((BENCHMARKS / "results" / f"{name}.json").read_text())
        for name in ("lstm", "grading", "book")
    )

    def of_torch(dtype, form):
        times = [lstm["times"][f"{dtype} {size}"]["both"] for size in "ABCD"]
        *first, last = (f"{each['lstm_ref'][1] / each['torch'][1]:{form}}" for each in times)
        return f"{', '.join(first)} and {last}"

    first, last = grading["growth"][1], grading["growth"][-1]
    one_more = (last["wall"] - first["wall"]) / (last["students"] - first["students"])
    seconds = book["seconds"]
    text = (ROOT / "README.md").read_text()
    for said in (
        f"{of_torch('float64', '.2f')} of PyTorch's time",
        f"{of_torch('float32', '.1f')} times PyTorch's time",
        f"{grading['nbgrader']['wall'] / grading['lstm_grade']['wall']:.0f} times quicker",
        f"one more takes {one_more * 1000:.0f} ms",
        f"{seconds['cold']:.0f} s cold",
        f"{seconds['warm']:.0f} s with nothing changed",
        f"{seconds['one chapter changed']:.0f} s with one chapter changed",
    ):
        assert said in text
