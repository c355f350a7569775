"""The extension of book/_ext: each step does what it says, and stops when the theme changed."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from docutils.utils import new_document
from fontTools.ttLib import TTFont
from lstm_pages import finish, fonts, light, mend, meta, previews
from PIL import Image
from sphinx.errors import ExtensionError

import tiny

PAGE = Path("index.html")
SOLID = "_static/fonts/fa-solid-900.woff2"


@pytest.fixture
def out(tmp_path):
    """Make a built book of one page, with two stylesheets, and of the theme's what matters."""
    icons = (
        '.fa-arrow-up:before{content:"\\f062"}.fa-tv-alt:before,.fa-tv:before{content:"\\f26c"}'
        'html{--pst-icon-bell:"\uf0f3"}.a:after{content:"\\f107" var(--pst-icon-bell) var(--fa)}'
    ) + "".join(
        f'@font-face{{src:url(../vendor/fontawesome/webfonts/{name}.woff2) format("woff2"),'
        f'url(../vendor/fontawesome/webfonts/{name}.ttf) format("truetype")}}'
        for name in ["fa-solid-900", "fa-regular-400", "fa-brands-400"]
    )
    files = {
        "index.html": '<html data-content_root="./">\n'
        '<link rel="stylesheet" type="text/css" href="_static/a.css?v=1" />\n'
        '<link href="_static/styles/b.css?digest=2" rel="stylesheet" />\n'
        '<i class="a basic fa-solid fa-arrow-up"></i><img src="_static/i.png">',
        "_static/a.css": '@import "basic.css"; .a{background:url("fonts/K.woff2")}',
        "_static/basic.css": ".basic{margin:0}",
        "_static/styles/b.css": icons + "/*# sourceMappingURL=b.css.map */",
        "_static/styles/b.css.map": "{}",
        "_static/fonts/K.woff2": "font",
        "_static/fonts/unused.woff2": "font",
        "_static/i.png": "image",
        "_static/locales/el/theme.mo": "words",
        "searchindex.js": "index",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_one_stylesheet(out):
    pages = mend.read_pages(out)
    light.write_stylesheet(out, pages)
    assert light.SHEET.findall(pages[PAGE]) == ["_static/book.css"]
    css = (out / "_static/book.css").read_text("utf-8")
    assert css.index(".basic") < css.index(".a{background:url(fonts/K.woff2)}") < css.index(".fa-")
    assert "sourceMappingURL" not in css


def test_only_icons_in_use(out):
    light.write_stylesheet(out, mend.read_pages(out))
    css = (out / "_static/book.css").read_text("utf-8")
    assert ".fa-arrow-up:before" in css
    assert ".fa-tv" not in css
    # The page's, and those that the theme's other rules draw: nothing else.
    assert set(TTFont(out / SOLID).getBestCmap()) == {0xF062, 0xF0F3, 0xF107}


def test_only_icons_in_use_of_a_newer_theme(out):
    """Font Awesome 7 keeps an icon in a variable, and has its fonts in one format."""
    sheet = out / "_static/styles/b.css"
    css = re.sub(r":before\{content:(\"\\f(062|26c))", r"{--fa:\1", sheet.read_text("utf-8"))
    css = re.sub(r' format\("woff2"\),url\([^)]*\) format\("truetype"\)', "", css)
    sheet.write_text(css, "utf-8")
    light.write_stylesheet(out, mend.read_pages(out))
    css = (out / "_static/book.css").read_text("utf-8")
    assert '.fa-arrow-up{--fa:"\\f062"}' in css
    assert ".fa-tv" not in css
    assert css.count("url(fonts/fa-") == 3
    assert set(TTFont(out / SOLID).getBestCmap()) == {0xF062, 0xF0F3, 0xF107}


def test_of_the_theme_what_is_used_and_of_the_book_all(out):
    """A page uses it, or a script makes it; what a rule needs comes along."""
    (out / "_static/face.css").write_text(".made-of-two-words{color:var(--kept)}")
    (out / "_static/styles/b.css").write_text(
        ":root{--kept:1;--lost:2;--far:var(--kept)}.live-code{--far:3;width:var(--far)}"
        '.a .nowhere{x:1}@media print{.nowhere{x:2}}html[data-x="no"] i{x:3}i:hover{x:4}'
        "@keyframes never{}dialog[open]::backdrop{x:5}"
    )
    page = out / PAGE
    sheet = '<link rel="stylesheet" href="_static/face.css" />'
    page.write_text(page.read_text().replace("<i ", f"{sheet}<dialog></dialog><i "))
    light.write_stylesheet(out, mend.read_pages(out))
    css = (out / "_static/book.css").read_text("utf-8")
    for kept in "--kept:1", "--far:3", "i:hover", ".made-of-two-words", "dialog[open]":
        assert kept in css
    for gone in "nowhere", "--lost", "data-x", "never", "@media":
        assert gone not in css


FIGURE = """<svg role="img" aria-label="A line." fill="currentColor" viewBox="0 0 9 9"
 xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
 <!-- c --><g id="n-figure_1"><g id="n-patch_1"></g><defs><path id="n-m1" d="M 0.123456 0 L 0 3.5"/>
 </defs><g clip-path="url(#n-p1)"><use xlink:href="#n-m1" x="1.000001" y="2.5"
 style="stroke: var(--gate-f, #c2410c)"/></g><text x="1.23456" y="2">a &lt; b</text></g>
 <defs><clipPath id="n-p1"><rect width="5.123456" height="9"/></clipPath></defs></svg>"""


def test_drawings_are_slimmer_and_say_the_same():
    pages = light.slim_drawings({PAGE: f"<p>A</p>{FIGURE}<svg class=x><g></g></svg>{FIGURE}"})
    first, other, second = re.findall("<svg.*?</svg>", pages[PAGE], re.DOTALL)
    assert first == second
    assert other == "<svg class=x><g></g></svg>"  # no figure: left alone
    assert len(first) < 0.85 * len(FIGURE)
    for kept in 'role="img"', 'aria-label="A line."', 'viewBox="0 0 9 9"', "a &lt; b":
        assert kept in first
    for kept in "var(--gate-f", "#n-m1", 'id="n-m1"', "#n-p1", 'id="n-p1"', "currentColor":
        assert kept in first
    for gone in "n-patch_1", "123456", "23456", "<!--":
        assert gone not in first


def test_images_have_room_before_they_come(out):
    Image.new("RGB", (30, 20)).save(out / "_static/i.png")
    pages = {
        PAGE: '<img alt="A" src="_static/i.png" style="width: 9%"/><img src="https://x.test/i.png">',
        Path("book/two.html"): '<img src="../_static/i.png" width="3" height="2"><img src="x.svg">',
    }
    sized = light.size_images(out, pages)
    room = 'loading="lazy" width="30" height="20" alt="A"'
    assert sized[PAGE] == pages[PAGE].replace('alt="A"', room)
    assert sized[Path("book/two.html")] == pages[Path("book/two.html")]


def test_fonts_have_what_pages_write(out):
    """Every letter in text; in formulas their own; and it says whose it is."""
    pages = {
        PAGE: 'é→<span class="mord mathnormal" style="a">γ</span><span class="mrel">&lt;</span>'
    }
    css = "".join(
        f'@font-face{{src:url(x/{name}.woff2) format("woff2"),url(x/{name}.woff) format("woff")}}'
        for name in ("KaTeX_Math-Italic", "KaTeX_Main-Regular", "source-serif-4-latin-400-normal")
    )
    css = fonts.cut_fonts(out, css, fonts.written(pages, ""))
    names = re.findall(r'url\((fonts/[\w-]+\.woff2)\) format\("woff2"\)\}', css)
    assert len(names) == 3
    math, main, text = (TTFont(out / "_static" / name) for name in names)
    assert set(math.getBestCmap()) == {ord("γ")}
    assert set(main.getBestCmap()) == {ord("<")}
    assert {ord(letter) for letter in "aZ09~é→"} <= set(text.getBestCmap()) | {ord("→")}
    assert "Adobe" in text["name"].getDebugName(0)


def test_boxes_are_measured_when_idle(out):
    script = out / "_static/scripts/pydata-sphinx-theme.js"
    script.parent.mkdir()
    script.write_text(f"all.forEach(e=>{{{light.TAB_STOP}}})", "utf-8")
    light.measure_when_idle(out)
    once = script.read_text("utf-8")
    assert once == f"all.forEach(e=>{{{light.WHEN_IDLE}}})"
    light.measure_when_idle(out)
    assert script.read_text("utf-8") == once
    script.write_text("another theme", "utf-8")
    with pytest.raises(ExtensionError, match=r"theme\.js: expected one 'e\.tabIndex"):
        light.measure_when_idle(out)


def test_what_no_page_refers_to_is_deleted(out):
    pages = mend.read_pages(out)
    light.write_stylesheet(out, pages)
    mend.write_pages(out, pages)
    light.delete_unreferenced(out, pages)
    left = {path.name for path in (out / "_static").rglob("*")}
    icons = {f"{name}.woff2" for name in ["fa-solid-900", "fa-regular-400", "fa-brands-400"]}
    assert left == {"book.css", "fonts", "K.woff2", "i.png", *icons}
    assert (out / "searchindex.js").exists()


def test_scripts_wait_and_the_idle_are_dropped(out):
    def script(filename="_static/pages.js", **attributes):
        return SimpleNamespace(filename=filename, attributes=attributes)

    idle = [
        script("_static/doctools.js"),
        script(None, body="DOCUMENTATION_OPTIONS.pagename = 'x';"),
    ]
    context = {"script_files": [script(), *idle]}
    light.defer_scripts(None, "page", "page.html", context, None)
    assert [s.attributes for s in context["script_files"]] == [{"defer": "defer"}]
    context["script_files"].append(script(body="let x = 1;"))
    with pytest.raises(ExtensionError, match="page: expected no inline script, found 'let x = 1;'"):
        light.defer_scripts(None, "page", "page.html", context, None)


def test_previews(out):
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
    previews.write_previews(out, pages)
    script = (out / "previews-data.js").read_text("utf-8")
    assert json.loads(script.removeprefix("lstmPreviews(").removesuffix(");\n")) == {
        "index.html#equation-e": ["<math></math>", "4. Gates"],
        "index.html#term-gate": ["<p>A number.</p>", "4. Gates"],
        "book/two.html#fig-a": [
            '<svg><path id="preview-p"/><g><use href="#preview-p"/></g></svg>',
            "",
        ],
    }
    with pytest.raises(ExtensionError, match=r"index\.html: for previews, expected 1 of"):
        previews.write_previews(out, {PAGE: '<dt class="x" id="term-gate">gate</dt><dd></dd>'})


def test_notebooks_have_no_outputs(out):
    source = meta.executed(out, "book/gates")
    source.parent.mkdir(parents=True)
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])
    cell.execution_count = 7
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), source)
    meta.write_notebooks(out, {"book/gates", "book/notation"})
    (copy,) = (out / "_sources").rglob("*.ipynb")
    notebook = nbformat.read(copy, as_version=4)
    assert notebook.cells[0].source == "1"
    assert notebook.cells[0].outputs == []
    assert notebook.cells[0].execution_count is None


def build(folder, files=None, **environment):
    """Build a book with the theme; return its folder and the warnings."""
    for name, text in (files or {}).items():
        (folder / name).write_text(text, "utf-8")
    (folder / "_static").mkdir(exist_ok=True)
    (folder / "_static/card.png").write_bytes(b"png")
    (folder / "_static/pages.js").write_text("// previews", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SITE_URL", "REPO_URL"):
            patch.setenv(name, environment.get(name, ""))
        return tiny.build(
            folder,
            ["myst_parser", "sphinx_book_theme", "lstm_pages"],
            **tiny.THEME,
            html_static_path=["_static"],
            html_copy_source=True,
            myst_enable_extensions=["dollarmath"],
            myst_update_mathjax=False,
            mathjax_path="math.js",
        )


BOOK = {
    "index.md": '# Tiny\n\nA book & more, "quoted".\n\n```{toctree}\ntwo\n```\n',
    "two.md": "# Two\n\nSee $x$ here.\n\nThe second page.\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("book"), BOOK)


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


def test_what_ends_a_sentence_stays_with_its_formula(tmp_path):
    out, _ = build(tmp_path, {"index.md": "# Tiny\n\nFor $x$, and ($y$).\n"})
    html = (out / "index.html").read_text("utf-8")
    kept = re.findall(r'<span class="kept">(?:(?!</?span).)*<span[^>]*>[^<]*</span>([^<]*)', html)
    assert kept == [",", ")."]


def test_robots_may_read_all_and_learn_where_pages_are(out):
    meta.write_robots(out, "")
    assert (out / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"
    meta.write_robots(out, "https://book.test/")
    assert (out / "robots.txt").read_text().endswith("Sitemap: https://book.test/sitemap.xml\n")


def test_a_long_description_ends_after_a_word():
    document = new_document("page")
    document += (section := meta.nodes.section())
    section += meta.nodes.paragraph("", "seventeen letters " * 20)
    text = meta.summary(document)
    assert text.endswith(("seventeen…", "letters…"))
    assert 140 < len(text) <= 160


def test_building_again(tmp_path):
    """Nothing changed: nothing is written. One page changed: the others stay as they are."""
    out, _ = build(tmp_path, BOOK)

    def state():
        files = sorted(
            path for path in out.rglob("*") if path.suffix in (".html", ".css", ".woff2")
        )
        return {path.name: path.read_bytes() for path in files}

    first = state()
    build(tmp_path)
    assert state() == first
    build(tmp_path, {"two.md": "# Two\n\nAnother second page.\n"})
    second = state()
    assert b"Another" in second["two.html"]
    assert second["two.html"].count(b"data-mended") == 1
    changed = {name for name in first if first[name] != second[name]}
    assert "two.html" in changed
    assert changed <= {"two.html", "index.html"}
    build(tmp_path, {"two.md": BOOK["two.md"]})
    assert state() == first


def test_what_pages_are_made_of_reaches_them(tmp_path):
    """A style changed: pages are written again. An extension changed: they are read again, too."""
    course = {"book/_static/a.css": ".a{}", "book/_ext/some.py": "1\n", "book/helper.py": "1\n"}
    for name, text in course.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    build(tmp_path, BOOK)
    doctree = tmp_path / "_build/trees/two.doctree"
    page = tmp_path / "_build/html/two.html"

    def made_anew(name):
        before = doctree.stat().st_mtime_ns, page.stat().st_mtime_ns
        (tmp_path / name).write_text("changed")
        build(tmp_path)
        after = doctree.stat().st_mtime_ns, page.stat().st_mtime_ns
        return tuple(a != b for a, b in zip(after, before, strict=True))

    assert made_anew("book/_static/a.css") == (False, True)
    assert made_anew("book/_ext/some.py") == (True, True)
    assert made_anew("book/helper.py") == (False, False)


def test_with_a_site_and_a_repository(tmp_path):
    site, repo = "https://book.test/lstm", "https://github.com/someone/lstm.git"
    out, _ = build(tmp_path, BOOK, SITE_URL=site, REPO_URL=repo)
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
    out, _ = build(tmp_path)
    assert not (out / "sitemap.xml").exists()
    assert not any("book.test" in path.read_text("utf-8") for path in out.rglob("*.html"))


def test_a_site_without_a_card_stops_the_build(out):
    with pytest.raises(ExtensionError, match=r"SITE_URL needs book/_static/card\.png"):
        meta.write_sitemap(out, ["page"], "https://book.test/")


def test_a_failed_build_is_left_alone(out):
    before = (out / "index.html").read_text("utf-8")
    finish(SimpleNamespace(outdir=out), ValueError("a page failed"))
    assert (out / "index.html").read_text("utf-8") == before


QUIZ = """# Quiz

```{quiz}
At $f_t = 0$, what is kept?

- [x] Nothing of $c_{t-1}$.

  Times 0.

- [ ] $c_{t-1}$

  That is $f_t = 1$.
```
"""


def test_quiz(tmp_path):
    out, warnings = build(tmp_path, {"index.md": QUIZ})
    assert warnings == ""
    html = (out / "index.html").read_text("utf-8")
    right, wrong = re.findall(r"<details.*?</details>", html, re.DOTALL)
    assert 'class="right choice"' in right
    assert "<summary>A. Nothing of <span" in right
    assert "<strong>Right.</strong> Times 0." in right
    assert 'class="choice"' in wrong
    assert "<summary>B. <span" in wrong
    assert "<strong>Not quite.</strong> That is" in wrong


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("- [x]", "- [ ]", "one is right"),
        ("- [ ]", "- [x]", "one is right"),
        ("- [ ]", "- [?]", "Each choice begins with"),
        ("\n\n  Times 0.", "", "after an empty line"),
        ("At $f_t = 0$, what is kept?\n", "", "a question, then a list"),
    ],
)
def test_a_quiz_that_cannot_be_answered_is_an_error(tmp_path, was, now, message):
    _, warnings = build(tmp_path, {"index.md": QUIZ.replace(was, now)})
    assert message in warnings
