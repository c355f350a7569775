"""Beyond the bank, a check points at the first wrong value, and mostly rightly; never at honest."""

import inspect

import pytest
from mutated import forms, make, outside, said, table

from honest import HONEST
from lstm_check import CheckError, check
from lstm_check.checking import _right
from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import bank_of
from lstm_check.tracing import _Noting, _Watched

FORMS = [(name, form) for name, some in HONEST.items() for form in some]
FORMS += [(form.name, make(form)) for form in forms()]


def test_a_sample_is_pointed_at(capsys):
    pointed, rightly = table(48)
    assert pointed >= 0.6, capsys.readouterr().out
    assert rightly >= 0.9, capsys.readouterr().out


@pytest.mark.long
def test_five_hundred_are_pointed_at(capsys):
    pointed, rightly = table(500)
    assert pointed >= 0.6, capsys.readouterr().out
    assert rightly >= 0.9, capsys.readouterr().out


@pytest.mark.parametrize("form", forms(), ids=lambda form: f"{form.name}-{form.style}")
def test_what_mutants_are_made_of_is_right(form):
    assert said(form.name, make(form)) is None
    named = {name for k in range(1, len(form.text.splitlines()) + 1) for name in form.values(k)}
    source = EXERCISES[form.name].source
    known = {name for line in source.order for name in line.split(", ")}
    assert named & known


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_no_value_of_an_honest_form_is_missed(name, form):
    exercise, bank = EXERCISES[name], bank_of(name)
    watched = bank.draws and exercise.source and _Watched.of(inspect.unwrap(form), _right(exercise))
    if not watched:
        return  # its text cannot be had, or it is trained
    assert watched.run(bank.draws[1]) is not None
    assert _Noting(exercise.source, bank.draws[1]).missing(watched.finds) is None


def test_what_a_student_prints_is_printed_once(capsys):
    text = "def rnn_step(x_t, h_prev, W, b):\n    print('here')\n    return h_prev * W[0, 0]\n"
    form = next(form for form in forms() if form.name == "rnn_step")
    function = make(type(form)(form.style, form.name, text))
    with pytest.raises(CheckError) as caught:
        check("rnn_step", function)
    assert outside(caught.value, "rnn_step")
    # Once for what is checked; the other times are those with which mistakes are told apart.
    assert capsys.readouterr().out.count("here") < 15
