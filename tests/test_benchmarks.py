"""What the benchmarks compare computes the same, and the page shows what they wrote."""

import datetime
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from lstm_ref import LSTMParams, lstm

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import report  # noqa: E402
from floor import floor  # noqa: E402
from ideas import RUNGS  # noqa: E402
from timing import interleave  # noqa: E402

sys.path.remove(str(BENCHMARKS))  # its grading.py would hide the folder tests/grading


@pytest.mark.parametrize("name", RUNGS)
def test_every_rung_computes_the_same(name):
    """300 steps of 2 examples, more than the backward pass takes at once."""
    rng = np.random.default_rng(0)
    T, B, D, H = 300, 2, 3, 4
    params = LSTMParams.init(D, H, rng)
    x, dh = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H))

    def run(module):
        h, _, cache = module.lstm_forward(x, params)
        grads = module.lstm_backward(cache, dh)
        return h, grads.x, grads.h, grads.c, grads.params.W, grads.params.b

    for got, wanted in zip(run(RUNGS[name]), run(lstm), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-11)


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


RESULTS = sorted((BENCHMARKS / "results").glob("*/*.json"))


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_results_say_where_and_when(path):
    """A folder holds the results of one kind of processor and is named after it."""
    results = json.loads(path.read_text())
    letters = filter(str.isalnum, results["machine"]["cpu"].lower())
    assert "".join(letters) == path.parent.name.replace("-", "")
    assert datetime.date.fromisoformat(results["date"]) <= datetime.date.today()


def test_readme_says_what_was_measured():
    before, rest = (ROOT / "README.md").read_text().split(report.FIRST)
    assert "`make bench`" in before.rpartition("##")[2]
    said = rest.split(report.LAST)[0]
    assert said == report.section(), "run: .venv/bin/python benchmarks/report.py"


def test_two_machines_give_a_range(tmp_path, monkeypatch):
    """Figures by hand: a median is the second of three, and C stands apart from the other sizes."""

    def median(**seconds):
        return {"both": {name: [0, value, 9] for name, value in seconds.items()}}

    def write(cpu, date, fast, at_c, single, students):
        sizes = dict.fromkeys("ABCD", "T, B, D, H")
        times = {f"float64 {s}": median(fast=fast, torch=2, floor=1) for s in sizes}
        times["float64 C"] = median(fast=at_c, torch=2, floor=1)
        times |= {f"float32 {s}": median(fast=single, torch=1, floor=1) for s in sizes}
        growth = [{"students": n, "wall": wall} for n, wall in ((1, 1), (10, 2), (students, 5))]
        files = {
            "lstm": {"sizes": sizes, "times": times},
            "grading": {"nbgrader": {"wall": 30}, "lstm_grade": {"wall": 2}, "growth": growth},
            "book": {"seconds": {"cold": 60, "warm": 5, "one chapter changed": 9}},
        }
        for name, results in files.items():
            path = tmp_path / "benchmarks/results" / cpu / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(results | {"date": date, "machine": {"cpu": cpu}}))

    write("new", "2027-02-01", fast=2.5, at_c=4, single=1.5, students=110)
    write("old", "2027-01-01", fast=1.25, at_c=4, single=3, students=310)
    monkeypatch.setattr(report, "ROOT", tmp_path)
    said = report.section()
    for part in (
        "On old (2027-01-01) and new (2027-02-01):",
        "| 40 to 80 % of the speed",
        "; 25 % for 32 units",
        "| 0.62 to 2.00 in float64, where PyTorch is quicker at 5 of 8;",
        "; 1.5 to 3.0 in float32,",
        "is quicker at 8 of 8 |",
        "| 15 times quicker than nbgrader as it is; one more takes 10 to 30 ms |",
        "| 60 s cold, 5 s with nothing changed, 9 s with one chapter changed |",
    ):
        assert part in said
