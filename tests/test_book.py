"""The book: built with warnings as errors, executed, and readable without a network."""

import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

import lstm_ref

ROOT = Path(__file__).parents[1]


TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))


def chapters():
    """Return the pages of _toc.yml, such as ``book/gates``."""
    return [TOC["root"], *(page["file"] for part in TOC["parts"] for page in part["chapters"])]


def lessons():
    """Return the chapters with a number: those that teach."""
    parts = [part for part in TOC["parts"] if part.get("numbered")]
    return [page["file"] for part in parts for page in part["chapters"]]


def is_notebook(chapter):
    return "{code-cell}" in (ROOT / f"{chapter}.md").read_text("utf8")


def notebooks():
    return [chapter for chapter in chapters() if is_notebook(chapter)]


@pytest.fixture(scope="module")
def pages(built_book):
    return {
        chapter: BeautifulSoup((built_book / f"{chapter}.html").read_text("utf8"), "html.parser")
        for chapter in chapters()
    }


def test_index_leads_to_the_first_page(built_book):
    assert f"{chapters()[0]}.html" in (built_book / "index.html").read_text("utf8")


def test_every_chapter_of_the_tree_is_in_the_book():
    """All but the lectures, which are made of pages."""
    pages = {page.relative_to(ROOT) for page in ROOT.glob("book/**/*.md")}
    pages = {page.with_suffix("").as_posix() for page in pages if "lectures" not in page.parts}
    assert pages == set(chapters())


@pytest.mark.parametrize("chapter", notebooks())
def test_cells_were_executed(pages, chapter):
    """Every cell of the source is on the page, with what it printed and no error."""
    source = (ROOT / f"{chapter}.md").read_text("utf8")
    cells = re.findall(r"^```\{code-cell\}.*?^```$", source, re.M | re.S)
    printing = [c for c in cells if "print(" in c and "def " not in c and "remove-output" not in c]
    on_page = pages[chapter].select("div.cell")
    assert len(on_page) == len(cells)
    shown = [cell for cell in on_page if cell.select_one(".cell_output")]
    assert shown
    assert len(shown) >= len(printing)
    assert not pages[chapter].select(".output.traceback, .output_error")


@pytest.mark.parametrize("chapter", lessons())
def test_lessons_ask_as_they_go_and_end_alike(chapter):
    """A quiz is the last thing in the section it asks about; four sections close each lesson."""
    source = (ROOT / f"{chapter}.md").read_text("utf8")
    body, *closing = re.split("^## (Summary|Questions|Exercises|Now you)$", source, flags=re.M)
    assert closing[::2] == ["Summary", "Questions", "Exercises", "Now you"]
    assert "{quiz}" in body
    assert "{quiz}" not in "".join(closing)
    for asked in body.split("```{quiz}\n")[1:]:
        after = asked.split("\n```\n", 1)[1].lstrip()
        assert re.match(r"\(.+\)=\n#|#|$", after), f"after a quiz, in its section: {after[:80]}"


@pytest.mark.parametrize("chapter", chapters())
def test_no_line_of_a_paragraph_becomes_a_list(chapter):
    """A line that begins with "1. ", or a dash, ends the paragraph above it and begins a list."""
    source = (ROOT / f"{chapter}.md").read_text("utf8")
    source = re.sub(r"^(`{3,}).*?^\1$", "", source, flags=re.M | re.S)
    lost = re.findall(r"^(?![-+*:%|>(]|\d+[.)] |#)\S.*\n(?:1[.)]|[-+*]) .*$", source, re.M)
    assert lost == []


def test_the_candidate_is_no_gate():
    """An LSTM has three gates; "four gates" is a misconception that the book itself lists."""
    texts = [ROOT / "README.md", *ROOT.glob("book/**/*.md"), *ROOT.glob("solutions/*/*.ipynb")]
    texts += [
        path for room in ("ref", "check", "book") for path in ROOT.glob(f"lstm_{room}/**/*.py")
    ]
    texts.remove(ROOT / "book/misconceptions.md")
    said = [
        path for path in texts if re.search(r"\b(four|4)\s+gates\b", path.read_text("utf8"), re.I)
    ]
    assert said == []


@pytest.mark.parametrize("chapter", notebooks())
def test_figures_are_shown_and_described(pages, chapter):
    figures = pages[chapter].select("figure")
    assert figures or "glue:figure" not in (ROOT / f"{chapter}.md").read_text("utf8")
    for figure in figures:
        picture = figure.select_one("svg[role=img], img")
        assert picture is not None, f"no picture in the figure {figure.get('id')}"
        assert picture.get("aria-label") or picture.get("alt"), f"no alt text: {figure.get('id')}"
        assert figure.select_one("figcaption .caption-text").get_text(strip=True)


@pytest.mark.parametrize("chapter", chapters())
def test_nothing_is_loaded_from_elsewhere(pages, chapter):
    """Links out are fine; scripts, styles, fonts and images come with the book."""
    loaded = [
        tag.get("src") or tag.get("href") or ""
        for tag in pages[chapter].select("script, link, img, iframe, source, video, object")
    ]
    assert not [url for url in loaded if re.match(r"(https?:)?//", url)]


@pytest.mark.parametrize("chapter", chapters())
def test_formulas_are_rendered(pages, chapter):
    """Every formula of the page was turned into HTML while building."""
    formulas = pages[chapter].select(".math")
    assert all(formula.select_one(".katex") for formula in formulas)
    assert not pages[chapter].select(".katex-error")


def test_the_reference_has_every_public_name(pages):
    """Each name of lstm_ref stands there with what its docstring says."""
    for name in lstm_ref.__all__:
        entry = pages["book/reference"].find(id=f"lstm_ref.{name}")
        assert entry is not None, f"book/reference.md lacks {name}"
        assert entry.find_next_sibling("dd").get_text(strip=True), f"{name} has no docstring"


def test_stylesheets_load_nothing_from_elsewhere(built_book):
    for sheet in built_book.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", sheet.read_text("utf8")), (
            sheet
        )


def test_no_solution_reaches_the_pages(built_book):
    """Neither solutions/ nor its hidden tests are built, indexed or copied."""
    marks = re.compile("BEGIN SOLUTION|BEGIN HIDDEN TESTS|BEGIN MARK SCHEME")
    for path in built_book.rglob("*"):
        assert not path.is_dir() or path.name not in ("solutions", "exercises")
        if path.suffix in {".html", ".js", ".json", ".md", ".txt", ".ipynb"}:
            assert not marks.search(path.read_text("utf8")), path
