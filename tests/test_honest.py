"""A hundred ways to be right are not mistakes: each honest form scores full marks."""

import pytest

from honest import HONEST
from honest.adding_problem import gate_by_gate
from honest.training import batches_and_a_schedule
from lstm_check.mistakes import MISTAKES
from mutants import ASSIGNMENTS
from notebooks import run

SEEDS = [None, "1", "20261122"]
TRAINED = gate_by_gate, batches_and_a_schedule  # one training will do
FORMS = [
    pytest.param(name, function, seed, id=f"{name}-{k}-{function.__name__}-{seed}")
    for name, functions in HONEST.items()
    for k, function in enumerate(functions)
    for seed in (SEEDS[:1] if function in TRAINED else SEEDS)
]


def test_where_mistakes_are_known_right_forms_are_known_too():
    assert {name for name, mistakes in MISTAKES.items() if mistakes} <= HONEST.keys()


@pytest.mark.parametrize(("name", "function", "graded"), FORMS)
def test_an_honest_form_scores_full_marks(name, function, graded, monkeypatch, capsys):
    if graded:
        monkeypatch.setenv("LSTM_GRADE_SEED", graded)
    results = run(ASSIGNMENTS[name], {name: function}, f"test_{name}")
    assert results
    assert set(results.values()) == {None}
    # nbgrader gives nothing for a test that writes to stderr.
    assert capsys.readouterr().err == ""
