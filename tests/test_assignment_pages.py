"""An assignment's page says what its notebook says, and offers what there is to download."""

import shutil
from pathlib import Path

import assignment
import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

import tiny

ROOT = Path(__file__).resolve().parents[1]
SLUGS = sorted(path.parent.name for path in ROOT.glob("exercises/*/*.ipynb"))
CARD = "# Assignment\n\n```{assignment} gates\n```\n"


@pytest.fixture
def course(tmp_path):
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    (tmp_path / "book").mkdir()
    (tmp_path / "book/gates.md").write_text("# The gates\n\n(begin-an-assignment)=\n## Begin\n")
    (tmp_path / "index.md").write_text(CARD)
    return tmp_path


def build(course):
    """Build the page; return it, and what Sphinx complained of."""
    out, said = tiny.build(course, ["myst_parser", "assignment"], project="Tiny")
    page = BeautifulSoup((out / "index.html").read_text("utf-8"), "html.parser")
    return page, [line for line in said.splitlines() if "toctree" not in line]


@pytest.mark.parametrize("slug", SLUGS)
def test_points_are_those_that_are_graded(slug):
    notebook = nbformat.read(ROOT / f"exercises/{slug}/{slug}.ipynb", 4)
    graded = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    one = assignment.read(ROOT, slug)
    assert one.points + one.question == sum(cell.get("points", 0) for cell in graded)
    assert one.question == 2
    assert list(one.functions) == notebook.metadata.lstm_grade.exports
    assert all(what.endswith(".") and points > 0 for what, points in one.functions.values())
    assert 10 <= one.minutes <= 120
    assert one.chapters


def test_links_where_settings_name_other_machines(course, monkeypatch):
    page, _ = build(course)
    assert "Open in" not in page.get_text()
    monkeypatch.setenv("REPO_URL", "https://github.com/you/lstm.git")
    monkeypatch.setenv("HUB_URL", "https://hub.example.org/")
    (course / "dist/colab").mkdir(parents=True)
    (course / "dist/colab/gates.ipynb").write_text("{}")
    page, said = build(course)
    assert said == []
    links = {a.get_text(): a["href"] for a in page.select("li a.external")}
    notebook = "exercises%2Fgates%2Fgates.ipynb"
    assert links == {
        "Binder": f"https://mybinder.org/v2/gh/you/lstm/main?urlpath=lab%2Ftree%2F{notebook}",
        "Colab": "https://colab.research.google.com/github/you/lstm/blob/colab/gates.ipynb",
        "JupyterHub": "https://hub.example.org/hub/user-redirect/git-pull?repo="
        "https%3A%2F%2Fgithub.com%2Fyou%2Flstm&branch=main"
        f"&urlpath=lab%2Ftree%2Flstm%2F{notebook}",
    }


def test_card(course):
    page, said = build(course)
    assert said == []
    text = " ".join(page.get_text().split())
    assert "Points: 30, and 2 for a written answer" in text
    assert "about 45 minutes" in text
    assert page.select_one('a[href="book/gates.html"]').get_text() == "The gates"
    rows = [[cell.get_text() for cell in row.select("td")] for row in page.select("tr")]
    assert ["hidden_state", "The new hidden state; both arrays are (B, H).", "4"] in rows
    (link,) = page.select("a.download")
    offered = course / "_build/html" / link["href"]
    assert offered.name == "gates.ipynb"
    assert offered.read_bytes() == (ROOT / "exercises/gates/gates.ipynb").read_bytes()


def test_archive_is_offered_as_soon_as_it_is_there(course):
    build(course)
    (course / "dist").mkdir()
    (course / "dist/gates.zip").write_bytes(b"archive")
    page, said = build(course)
    assert said == []
    assert [link["href"].rpartition("/")[2] for link in page.select("a.download")] == [
        "gates.ipynb",
        "gates.zip",
    ]


def test_points_of_a_new_notebook_are_read_again(course):
    build(course)
    path = course / "exercises/gates/gates.ipynb"
    path.write_text(
        path.read_text("utf-8").replace("about 45 minutes", "about 50 minutes"), "utf-8"
    )
    page, _ = build(course)
    assert "about 50 minutes" in page.get_text()


def test_a_slug_that_is_not_there(course):
    (course / "index.md").write_text(CARD.replace("gates", "gate"))
    _, said = build(course)
    assert "there is no exercises/gate/gate.ipynb. There is: " in said[0]
    assert "index.md:3" in said[0]


def test_a_chapter_that_is_not_there(course):
    (course / "book/gates.md").write_text("# Gates\n\n(begin-an-assignment)=\n## Begin\n")
    _, said = build(course)
    assert "no page in book/ is called 'The gates'" in said[0]


def test_a_notebook_that_does_not_say_what_to_read(tmp_path):
    folder = tmp_path / "exercises/new"
    folder.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# New")])
    nbformat.write(notebook, folder / "new.ipynb")
    with pytest.raises(ExtensionError, match="expected a first cell with 'Read first"):
        assignment.read(tmp_path, "new")


def test_overview_lists_every_assignment(built_book):
    page = BeautifulSoup((built_book / "book/assignments.html").read_text("utf-8"), "html.parser")
    rows = [[cell.get_text() for cell in row.select("td")] for row in page.select("tbody tr")]
    assert sorted(row[0] for row in rows[:-1]) == SLUGS
    points = sum(assignment.read(ROOT, slug).points for slug in SLUGS)
    assert rows[-1][-1] == str(points)
