"""What pages say of themselves, and to whom; and which are written when a book is built again."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from docutils.utils import new_document
from lstm_pages import meta, previews
from sphinx.errors import ExtensionError

import tiny

PAGE = Path("index.html")


def test_previews(tmp_path):
    pages = {
        PAGE: '<h1>4. Gates<a class="headerlink" href="#g">#</a></h1>'
        '<div class="math" id="equation-e"><span class="eqno">(1)'
        '<a class="headerlink" href="#e">#</a></span><math></math></div>'
        '<dt id="term-gate">gate<a class="headerlink" href="#t">#</a></dt><dd><p id="p">A '
        '<a href="x.html">number</a>.</p></dd><dt id="term-lag">lag</dt><dd>Nobody asks.</dd>'
        '<a class="reference internal" href="#equation-e">(1)</a>',
        Path("book/two.html"): '<figure class="align-default" id="fig-a"><svg><path id="p"/><g '
        'id="q"><use href="#p"/></g></svg></figure><a class="reference internal" '
        'href="../index.html#term-gate">gate</a><a class="reference internal" href="#fig-a">F</a>',
    }
    previews.write_previews(tmp_path, pages)
    script = (tmp_path / "previews-data.js").read_text("utf-8")
    assert json.loads(script.removeprefix("lstmPreviews(").removesuffix(");\n")) == {
        "index.html#equation-e": ["<math></math>", "4. Gates"],
        "index.html#term-gate": ["<p>A number.</p>", "4. Gates"],
        "book/two.html#fig-a": [
            '<svg><path id="preview-p"/><g><use href="#preview-p"/></g></svg>',
            "",
        ],
    }
    with pytest.raises(ExtensionError, match=r"index\.html: for previews, expected 1 of"):
        previews.write_previews(tmp_path, {PAGE: '<dt class="x" id="term-gate">gate</dt><dd></dd>'})


def test_notebooks_have_no_outputs(tmp_path):
    source = meta.executed(tmp_path, "book/gates")
    source.parent.mkdir(parents=True)
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])
    cell.execution_count = 7
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), source)
    meta.write_notebooks(tmp_path, {"book/gates", "book/notation"})
    (copy,) = (tmp_path / "_sources").rglob("*.ipynb")
    notebook = nbformat.read(copy, as_version=4)
    assert notebook.cells[0].source == "1"
    assert notebook.cells[0].outputs == []
    assert notebook.cells[0].execution_count is None


BOOK = {
    "index.md": '# Tiny\n\nA book & more, "quoted".\n\n```{toctree}\ntwo\n```\n',
    "two.md": "# Two\n\nSee $x$ here.\n\nThe second page.\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return tiny.themed(tmp_path_factory.mktemp("book"), BOOK)


def test_without_a_site_nothing_refers_to_one(built):
    out, warnings = built
    assert warnings == ""
    assert not (out / "sitemap.xml").exists()
    for path in out.rglob("*.html"):
        html = path.read_text("utf-8")
        assert not re.search(r'(href|src|content)="https?:', html), path
        assert "canonical" not in html
        assert "og:image" not in html
        assert "source-edit-button" not in html


def test_pages_are_described(built):
    index, two = ((built[0] / f"{name}.html").read_text("utf-8") for name in ["index", "two"])
    assert 'content="A book &amp; more, “quoted”."' in index
    assert '<meta name="description" content="The second page." />' in two
    assert '<meta property="og:title" content="Two" />' in two


def test_a_title_is_there_once(built):
    index, two = ((built[0] / f"{name}.html").read_text("utf-8") for name in ["index", "two"])
    assert "<title>Tiny</title>" in index
    assert "<title>Two — Tiny</title>" in two


def test_buttons_that_open_contents_are_named_by_words(tmp_path):
    """An icon's glyph would be a name, too, that nobody can read out."""
    out, _ = tiny.themed(tmp_path, {"index.md": "# Tiny\n\nA.\n\n## One\n\nB.\n"})
    html = (out / "index.html").read_text("utf-8")
    for kind in "primary", "secondary":
        assert re.search(rf'{kind}-toggle[^>]*aria-label="\w', html)


def test_what_ends_a_sentence_stays_with_its_formula(tmp_path):
    out, _ = tiny.themed(tmp_path, {"index.md": "# Tiny\n\nFor $x$, and ($y$).\n"})
    html = (out / "index.html").read_text("utf-8")
    kept = re.findall(r'<span class="kept">(?:(?!</?span).)*<span[^>]*>[^<]*</span>([^<]*)', html)
    assert kept == [",", ")."]


def test_robots_may_read_all_and_learn_where_pages_are(tmp_path):
    meta.write_robots(tmp_path, "")
    assert (tmp_path / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"
    meta.write_robots(tmp_path, "https://book.test/")
    said = (tmp_path / "robots.txt").read_text()
    assert said.endswith("Sitemap: https://book.test/sitemap.xml\n")


def test_a_long_description_ends_after_a_word():
    document = new_document("page")
    document += (section := meta.nodes.section())
    section += meta.nodes.paragraph("", "seventeen letters " * 20)
    text = meta.summary(document)
    assert text.endswith(("seventeen…", "letters…"))
    assert 140 < len(text) <= 160


def test_building_again(tmp_path):
    """Nothing changed: nothing is written. One page changed: the others stay as they are."""
    out, _ = tiny.themed(tmp_path, BOOK)

    def state():
        files = sorted(
            path for path in out.rglob("*") if path.suffix in (".html", ".css", ".woff2")
        )
        return {path.name: path.read_bytes() for path in files}

    first = state()
    tiny.themed(tmp_path)
    assert state() == first
    tiny.themed(tmp_path, {"two.md": "# Two\n\nAnother second page.\n"})
    second = state()
    assert b"Another" in second["two.html"]
    assert second["two.html"].count(b"data-mended") == 1
    changed = {name for name in first if first[name] != second[name]}
    assert "two.html" in changed
    assert changed <= {"two.html", "index.html"}
    tiny.themed(tmp_path, {"two.md": BOOK["two.md"]})
    assert state() == first


def test_what_pages_are_made_of_reaches_them(tmp_path):
    """A style changed: pages are written again. An extension changed: they are read again, too."""
    course = {"book/_static/a.css": ".a{}", "book/_ext/some.py": "1\n", "book/helper.py": "1\n"}
    for name, text in course.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    tiny.themed(tmp_path, BOOK)
    doctree = tmp_path / "_build/trees/two.doctree"
    page = tmp_path / "_build/html/two.html"

    def made_anew(name):
        before = doctree.stat().st_mtime_ns, page.stat().st_mtime_ns
        (tmp_path / name).write_text("changed")
        tiny.themed(tmp_path)
        after = doctree.stat().st_mtime_ns, page.stat().st_mtime_ns
        return tuple(a != b for a, b in zip(after, before, strict=True))

    assert made_anew("book/_static/a.css") == (False, True)
    assert made_anew("book/_ext/some.py") == (True, True)
    assert made_anew("book/helper.py") == (False, False)


def test_with_a_site_and_a_repository(tmp_path):
    site, repo = "https://book.test/lstm", "https://github.com/someone/lstm.git"
    out, _ = tiny.themed(tmp_path, BOOK, SITE_URL=site, REPO_URL=repo)
    two = (out / "two.html").read_text("utf-8")
    assert f'<link rel="canonical" href="{site}/two.html" />' in two
    assert f'<meta property="og:url" content="{site}/two.html" />' in two
    assert f'<meta property="og:image" content="{site}/_static/card.png" />' in two
    assert (out / "_static/card.png").exists()
    assert 'href="https://github.com/someone/lstm/edit/main/two.md"' in two
    assert 'href="https://github.com/someone/lstm/issues/new?' in two
    assert f"<loc>{site}/two.html</loc>" in (out / "sitemap.xml").read_text("utf-8")
    lost = (out / "404.html").read_text("utf-8")
    assert f'<a href="{site}/index.html">' in lost
    relative = re.findall(r'(?:href|src|action)="(?!#|https:)[^"]*', lost)
    assert relative == []
    out, _ = tiny.themed(tmp_path)
    assert not (out / "sitemap.xml").exists()
    assert not any("book.test" in path.read_text("utf-8") for path in out.rglob("*.html"))


def test_a_site_without_a_card_stops_the_build(tmp_path):
    with pytest.raises(ExtensionError, match=r"SITE_URL needs book/_static/card\.png"):
        meta.write_sitemap(tmp_path, ["page"], "https://book.test/")
