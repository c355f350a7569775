"""Whose the book is, which version it is, and how a page is cited: said alike everywhere."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from bs4 import BeautifulSoup
from lstm_pages import face

from contents import lessons

ROOT = Path(__file__).parents[1]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))


def test_the_citation_says_what_the_book_says():
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    version, day = face.released()
    assert cff["title"] == CONFIG["title"]
    assert [one["name"] for one in cff["authors"]] == [CONFIG["author"]]
    assert cff["version"] == version == project["version"]
    assert cff["date-released"] == "-".join(day)


def test_a_page_as_bibtex_reads_it():
    config = SimpleNamespace(author="A. B.", html_title="Book", html_baseurl="https://b.test/")
    _, (year, month, _) = face.released()
    said = face.bibtex("book/gates", "The gates", config)
    assert said.startswith("@incollection{lstm-gate-by-gate-gates,\n")
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", said, re.MULTILINE))
    version = fields.pop("note")
    assert fields == {
        "title": "{The gates}",
        "author": "{A. B.}",
        "booktitle": "Book",
        "year": year,
        "month": str(int(month)),
        "url": "https://b.test/book/gates.html",
    }
    assert version.startswith("Version ")
    assert face.bibtex("book/intro", "Book", config).startswith("@misc{lstm-gate-by-gate,")


def test_every_chapter_says_what_it_answers():
    assert list(face.ANSWERS) == lessons()
    assert len(set(face.ANSWERS.values())) == len(face.ANSWERS)


@pytest.mark.parametrize("name", ["book/intro", "book/gates", "book/assignments/gates"])
def test_a_page_has_its_face(built_book, name):
    page = BeautifulSoup((built_book / f"{name}.html").read_text("utf-8"), "html.parser")
    said = page.h1.find(string=True, recursive=False)
    assert page.title.text == face.title_of(name, said, CONFIG["title"])
    assert len(page.select("meta[name=viewport]")) == 1
    footer = page.select_one(".book-footer").parent.parent
    assert CONFIG["author"] in footer.text
    assert "CC BY 4.0" in footer.text
    assert face.released()[0] in footer.text
    assert "@" in footer.select_one("details.cite pre").text


def read(built_book, name):
    return BeautifulSoup((built_book / f"{name}.html").read_text("utf-8"), "html.parser")


def test_the_first_page_has_a_card_for_each_chapter(built_book):
    cards = read(built_book, "book/intro").select("a.chapter")
    assert [f"book/{card['href']}" for card in cards] == [f"{name}.html" for name in lessons()]
    for number, (card, name) in enumerate(zip(cards, lessons(), strict=True), start=1):
        title = read(built_book, name).h1.find_all(string=True, recursive=False)[-1]
        said = [part.get_text() for part in card.find_all(["span", "strong"])]
        assert said == [str(number), title, face.ANSWERS[name]]


ALL = len(lessons())
READ = {"intro": (ALL, 0), "sequences": (1, 0), "gates": (1, 3), "misconceptions": (1, ALL - 1)}
READ |= {"glossary": (0, 0), "assignments/gates": (0, 0)}


@pytest.mark.parametrize("name", READ)
def test_the_drawing_shows_where_one_is(built_book, name):
    drawing = read(built_book, f"book/{name}").select_one(".unrolled")
    assert drawing["aria-hidden"] == "true"
    shown = len(drawing.select("g > .f")), len(drawing.select("circle.read"))
    assert shown == READ[name]
