"""Every known mistake is found and named, and nothing else is taken for it."""

import random
import re
from pathlib import Path

import pytest
from unseen import UNSEEN
from unseen_more import UNSEEN_MORE

from lstm_check.behaviour import behave, close
from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES, bank_of
from mutants import of_pair, table_of_pairs, verdict

BOOK = Path(__file__).resolve().parents[1] / "book"
KNOWN = [
    pytest.param(name, mistake, id=f"{name}-{mistake.name}")
    for name, mistakes in MISTAKES.items()
    for mistake in mistakes
]


@pytest.mark.parametrize("graded", [None, "7"])
@pytest.mark.parametrize(("name", "mistake"), KNOWN)
def test_a_known_mistake_is_named(name, mistake, graded, monkeypatch):
    if graded:
        monkeypatch.setenv("LSTM_GRADE_SEED", graded)
    how, message = verdict(name, mistake.wrong, mistake.name)
    assert how == "named", message
    lines = message.splitlines()
    assert len(lines) <= (3 if "exactly this" not in message else 5)
    assert max(map(len, lines)) <= 83
    assert lines[0].startswith(name)
    assert str(mistake.section) in " ".join(lines)


PAIRS = [
    pytest.param(name, k, id=f"{name}-{k}")
    for name in MISTAKES
    if bank_of(name).sieve
    for k in range(len(bank_of(name).sieve.sets(2)))
]


@pytest.mark.parametrize(("name", "k"), random.Random(15).sample(PAIRS, 300))
def test_two_mistakes_at_once_are_both_named(name, k):
    pair = bank_of(name).sieve.sets(2)[k]
    how, said = of_pair(name, pair)
    # What is not told apart is exactly the same function, or shows nothing of one.
    assert how in ("named", "one of them", "another cause", "unnamed"), said


@pytest.mark.long
def test_nearly_all_pairs_are_named(capsys):
    assert table_of_pairs(list(MISTAKES), listed=True), capsys.readouterr().out


def test_both_sentences_are_said_in_the_order_in_which_to_mend_them():
    bank = bank_of("forget_gate")
    known = {mistake.name: mistake for mistake in bank.mistakes}
    pair = known["tanh for sigmoid"], known["bias left out"]
    _, message = verdict("forget_gate", bank.wrong(pair), None)
    assert message == (
        "forget_gate: Two things are wrong here.\n"
        "1. Your values are what comes out without b_f, so the bias cannot shift the result\n"
        '(see "The forget gate" in The gates).\n'
        "2. Your values are what tanh gives; a gate needs sigmoid, so that it lies between 0\n"
        'and 1 (see "Why sigmoid" in The gates).'
    )


def test_different_causes_of_the_same_values_are_both_said():
    shown = next(m for m in MISTAKES["lstm_cell"] if m.name == "f shows, not o")
    _, message = verdict("lstm_cell", shown.wrong, shown.name)
    assert "c_t is right. Two mistakes give exactly this." in message
    assert "the output gate is the one that shows" in message
    assert "uses W_f and b_f" in message


@pytest.mark.parametrize("name", [name for name in MISTAKES if bank_of(name).sieve])
def test_lines_run_one_by_one_do_what_the_text_does(name):
    bank = bank_of(name)
    for mistake in bank.sieve.mistakes:
        one = bank.sieve.run(dict(mistake.edits))
        other = behave(mistake.wrong, bank.draws[0])
        if other.error:
            assert (type(one), str(one)) == (type(other.error), str(other.error)), mistake.name
        else:
            assert close(one, other.result, 1e-12, 1e-12), mistake.name


@pytest.mark.parametrize(("name", "function"), UNSEEN + UNSEEN_MORE)
def test_an_unknown_mistake_is_rejected_and_not_misnamed(name, function):
    how, message = verdict(name, function, None)
    assert how == "plain", message


def test_unknown_mistakes_cover_every_function():
    assert {name for name, _ in UNSEEN} == {name for name in MISTAKES if MISTAKES[name]}


def test_sections_are_in_the_book():
    titles = set()
    for page in BOOK.glob("*.md"):
        headings = re.findall(r"^(#+) (.+)$", page.read_text(), re.MULTILINE)
        chapter = next(title for level, title in headings if level == "#")
        titles |= {(title, chapter) for level, title in headings if level != "#"}
    used = {exercise.section for exercise in EXERCISES.values()}
    used |= {mistake.section for mistakes in MISTAKES.values() for mistake in mistakes}
    assert sorted(map(str, used - titles)) == []
