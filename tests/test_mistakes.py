"""Every known mistake is found and named, and nothing else is taken for it."""

import re
from pathlib import Path

import pytest
from unseen import UNSEEN

from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES
from mutants import verdict

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
    assert len(lines) <= 3
    assert max(map(len, lines)) <= 83
    assert lines[0].startswith(name)
    # A known mistake is told from all others.
    assert "two mistakes" not in message
    assert str(mistake.section) in " ".join(lines)


@pytest.mark.parametrize(("name", "function"), UNSEEN)
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
