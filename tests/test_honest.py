"""A hundred ways to be right are not mistakes: each honest form scores full marks."""

import pytest

from honest import HONEST
from mutants import ASSIGNMENTS
from notebooks import run

FORMS = [
    pytest.param(name, function, id=f"{name}-{k}-{function.__name__}")
    for name, functions in HONEST.items()
    for k, function in enumerate(functions)
]


def test_there_are_enough():
    assert len(FORMS) >= 30


@pytest.mark.parametrize("graded", [None, "1", "20261122"])
@pytest.mark.parametrize(("name", "function"), FORMS)
def test_an_honest_form_scores_full_marks(name, function, graded, monkeypatch, capsys):
    if graded:
        monkeypatch.setenv("LSTM_GRADE_SEED", graded)
    results = run(ASSIGNMENTS[name], {name: function}, f"test_{name}")
    assert results
    assert set(results.values()) == {None}
    # nbgrader gives nothing for a test that writes to stderr.
    assert capsys.readouterr().err == ""
