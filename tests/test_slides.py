"""The lecture slides: one deck for each part, made of what the book has, each in one file."""

import re
from pathlib import Path

import pytest
import slides
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]


def decks():
    """Name the deck of each part of the book: ``cell`` for "The cell"."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    captions = [part["caption"] for part in parts if part.get("numbered")]
    return [caption.lower().removeprefix("the ") for caption in captions]


@pytest.mark.parametrize("name", decks())
def test_a_deck(built_book, name):
    page = BeautifulSoup((built_book / f"slides/{name}.html").read_text("utf-8"), "html.parser")
    shown = page.select(".slides > section")
    assert len(shown) >= 12
    for slide in shown:
        assert slide.select_one(".figure svg, .equation .katex, .question, lstm-cell"), slide.h2
        assert slide.select_one("aside.notes").get_text(strip=True), slide.h2
        if slide.select_one(".question"):
            assert slide.select_one(".answer.fragment").get_text(strip=True)


@pytest.mark.parametrize("name", decks())
def test_a_deck_is_one_file(built_book, name):
    html = (built_book / f"slides/{name}.html").read_text("utf-8")
    page = BeautifulSoup(html, "html.parser")
    assert not page.select("link, [src], a[href], iframe")
    css = page.style.get_text()
    assert "@import" not in css
    assert css.count("url(data:font/woff2;base64,") == 20  # KaTeX's fonts
    assert set(re.findall(r"url\(.{5}", css)) == {"url(data:"}


@pytest.fixture
def book(tmp_path):
    """Make a book of one page."""
    (tmp_path / "gates.html").write_text(
        '<figure class="x" id="fig-a"><svg id="a">A</svg><figcaption>A.</figcaption></figure>'
        '<div class="math" id="equation-eq-a"><span class="eqno">(1)</span><b>f</b></div>'
        '<section id="questions"><details><summary><span class="sd-summary-text">'
        "Isn’t <code>x</code> "
        '<span class="katex"><math><annotation>h_t</annotation></math>h</span>?</span></summary>'
        '<div><p>No, <a href="#a">see</a>.</p></div></details></section>',
        "utf-8",
    )
    return slides.Book(tmp_path)


def test_what_a_slide_takes_from_the_book(book):
    text = "## One\n\n{figure} fig-a\n\nWords.\n\n{equation} eq-a\n\nNote:\nSpeak *up*."
    one = BeautifulSoup(slides.slide(text, book), "html.parser")
    assert one.h2.string == "One"
    assert [part["class"] for part in one.select(".body > *")] == [
        ["figure"],
        ["text"],
        ["equation"],
    ]
    assert str(one.svg) == '<svg id="a">A</svg>'
    assert str(one.select_one(".equation")) == '<div class="equation"><b>f</b></div>'
    assert str(one.select_one("aside.notes em")) == "<em>up</em>"
    two = slides.slide("## Two\n\n{question} gates: Isn't `x` $h_t$?", book)
    assert "<p>No, see.</p>" in two


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("{figure} fig-b", "no figure 'fig-b'. Did you mean 'fig-a'?"),
        ("{equation} eq-other", "no equation 'eq-other'"),
        ("{question} gates: Isn't `x` $c_t$?", 'Did you mean "gates: Isn\'t `x` $h_t$?"?'),
        ("{question} nowhere: Why?", "no question 'nowhere: Why?'"),
        ("{picture} fig-a", "expected figure or equation or question in braces, got 'picture'"),
    ],
)
def test_what_the_book_lacks_stops_the_build(book, tmp_path, named, said):
    path = tmp_path / "cell.md"
    path.write_text(f"# One\n\n{{figure}} fig-a\n\n---\n\n## Second\n\n{named}\n", "utf-8")
    with pytest.raises(SystemExit) as stopped:
        slides.deck(path, book)
    assert str(stopped.value).startswith("book/lectures/cell.md, slide 2 (Second): ")
    assert said in str(stopped.value)
