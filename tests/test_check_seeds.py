"""What a check gives a function: new inputs where it is graded, which can be drawn again."""

import functools
import re

import numpy as np
import pytest

import lstm_check
from lstm_check import CheckError
from lstm_check.exercises.cell import lstm_cell as right_cell


def check(name, function, **case):
    """Check a function without looking at what it imports."""
    return lstm_check.check(name, functools.partial(function), **case)


def seen_inputs(monkeypatch, graded, **case):
    """Return what a function gets, and what a failed check prints."""
    monkeypatch.delenv("LSTM_GRADE_SEED", raising=False)
    if graded:
        monkeypatch.setenv("LSTM_GRADE_SEED", graded)
    seen = []

    def keeps(o, c):
        seen.append((o.copy(), c.copy()))
        return o

    with pytest.raises(CheckError):
        check("hidden_state", keeps, **case)
    return np.array(seen[0])


def test_graded_inputs_are_new_and_can_be_drawn_again(monkeypatch, capsys):
    case = {"batch": 3, "scale": 2.0, "seed": 5}
    visible = seen_inputs(monkeypatch, None, **case)
    assert "again" not in capsys.readouterr().out
    graded = seen_inputs(monkeypatch, "99", **case)
    again = capsys.readouterr().out
    call = re.search(r'check\("hidden_state", hidden_state, (.*)\)', again)[1]
    assert call == "batch=3, scale=2.0, seed=[5, 99]"
    assert not np.array_equal(visible, graded)
    assert not np.array_equal(graded, seen_inputs(monkeypatch, "100", **case))
    for environment in [None, "99", "12345"]:
        drawn = seen_inputs(monkeypatch, environment, **eval(f"dict({call})"))
        assert np.array_equal(drawn, graded)


def h_twice(*arguments):
    return (right_cell(*arguments)[0],) * 2


def test_the_printed_call_can_be_run(monkeypatch, capsys):
    monkeypatch.setenv("LSTM_GRADE_SEED", "1")
    with pytest.raises(CheckError):
        check("lstm_cell", h_twice, dtype="float32", only=("c_t",))
    said = capsys.readouterr().out
    assert said == (
        'The same inputs again: check("lstm_cell", lstm_cell, dtype="float32", '
        'only=("c_t",), seed=[0, 1])\n'
    )


def test_gaps_in_memory_survive_the_copy():
    def keeps(o, c):
        assert not o.flags.c_contiguous
        return o * np.tanh(c)

    check("hidden_state", keeps, contiguous=False)
