"""A way off the old floor: the book as it would be with the newest Sphinx, MyST and theme."""

import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def newest(built_book):
    """Build it without a warning, and return the folder of its pages."""
    done = subprocess.run(["make", "next"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return ROOT / "_build/next/html"


def pages(folder):
    """Return the pages of a book that Sphinx has written, by name."""
    paths = [path for path in folder.rglob("*.html") if not {"lite", "slides"} & {*path.parts}]
    found = {
        str(path.relative_to(folder)): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in paths
    }
    return {name: page for name, page in found.items() if page.select_one("article")}


def told(page):
    """Return what a page says, formula for formula, output for output."""
    article = page.select_one("article")
    return {
        "headings": [heading.get_text() for heading in article(["h1", "h2", "h3"])],
        "paragraphs": [" ".join(p.get_text().split()) for p in article("p")],
        "formulas": [tex.get_text().strip() for tex in article.select(".katex-mathml annotation")],
        "figures": len(article.select("figure svg, figure img")),
        "outputs": [output.get_text() for output in article.select(".cell_output pre")],
    }


def test_it_says_the_same(built_book, newest):
    today, tomorrow = pages(built_book), pages(newest)
    assert today.keys() == tomorrow.keys()
    for name, page in today.items():
        assert told(tomorrow[name]) == told(page), name


def test_the_theme_is_mended_there_too(newest):
    for name, page in pages(newest).items():
        assert [link["href"].split("/")[-1] for link in page("link", rel="stylesheet")] == [
            "book.css"
        ], name
        (button,) = {b.get("aria-label") for b in page.select("button.theme-switch-button")}
        assert button == "Color mode: Light, Dark, System Settings", name
        assert not page.select("script[src*=fontawesome]"), name
        assert not page.select("script[src*=searchindex]"), name  # the book has its own
