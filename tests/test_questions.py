"""Each of the 25 questions asked most has an answer, in the section that the page names."""

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[1] / "book"
# Words of each answer: a section may be rewritten, but not about something else.
WORDS = [
    ("h_n", "last layer"),
    ("units", "timesteps", "number of steps"),
    ("return_sequences", "return_state"),
    ("feature", "transpose", "(T, B, D)"),
    ("detach", "retain_graph"),
    ("naive", "skill", "change"),
    ("noise", "constant", "own answers"),
    ("split", "training part"),
    ("4H", "parameters"),
    ("fraction", "tanh"),
    ("ReLU", "h stays below 1"),
    ("path", "forget gate"),
    ("GRU",),
    ("validation", "deepcopy"),
    ("one mask a sequence", "one layer"),
    ("baseline", "validation", "double"),
    ("padding", "h_n"),
    ("shuffle", "in order"),
    ("zero", "learnt", "random"),
    ("encoder", "decoder", "should have come", "state"),
    ("h_n[-2]", "backward"),
    ("second layer",),
    ("order", "test"),
    ("naive", "noise"),
    ("loop", "cuDNN"),
]


def rows():
    """Return of each question its number, its text, and the labels behind it."""
    found = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", (BOOK / "questions.md").read_text(), re.M)
    return [(int(n), asked, re.findall(r"\{ref\}`([\w-]+)`", to)) for n, asked, to in found]


def sections():
    """Return the text of each section that has a label, with those below it."""
    found = {}
    for page in BOOK.glob("*.md"):
        text = page.read_text("utf-8")
        for label in re.finditer(r"^\(([\w-]+)\)=\n(#+) ", text, re.M):
            rest = text[label.end() :]
            end = re.search(rf"^#{{1,{len(label[2])}}} ", re.sub(CELLS, _blank, rest), re.M)
            found[label[1]] = page.name, rest[: end.start() if end else None]
    return found


CELLS = re.compile(r"^```.*?^```$", re.M | re.S)


def _blank(cell):
    """Return as many characters without a comment, which looks like a heading."""
    return re.sub(r"\S", "x", cell[0])


def test_there_are_25():
    assert [number for number, _, _ in rows()] == list(range(1, 26))


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row[0]))
def test_a_question_is_answered_where_the_page_says(row):
    number, asked, labels = row
    known = sections()
    assert labels, asked
    assert [label for label in labels if label not in known] == []
    assert "questions.md" not in [known[label][0] for label in labels]
    text = " ".join(known[label][1] for label in labels)
    text = re.sub(r"[`*$]|\s+", lambda mark: " " if mark[0].isspace() else "", text).lower()
    assert [word for word in WORDS[number - 1] if word.lower() not in text] == []
