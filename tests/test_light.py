"""Pages are light: of styles, icons, fonts and scripts, what the book uses, and nothing else."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from fontTools.ttLib import TTFont
from lstm_pages import finish, fonts, light, mend
from PIL import Image
from sphinx.errors import ExtensionError

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


def test_boxes_are_measured_when_one_comes_near(out):
    script = out / "_static/scripts/pydata-sphinx-theme.js"
    script.parent.mkdir()
    script.write_text(f"all.forEach(e=>{{{light.TAB_STOP}}})", "utf-8")
    light.measure_when_near(out)
    once = script.read_text("utf-8")
    assert once == f"all.forEach(e=>{{{light.WHEN_NEAR}}})"
    light.measure_when_near(out)
    assert script.read_text("utf-8") == once
    script.write_text("another theme", "utf-8")
    with pytest.raises(ExtensionError, match=r"theme\.js: expected one 'e\.tabIndex"):
        light.measure_when_near(out)


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


def test_a_failed_build_is_left_alone(out):
    before = (out / "index.html").read_text("utf-8")
    finish(SimpleNamespace(outdir=out), ValueError("a page failed"))
    assert (out / "index.html").read_text("utf-8") == before
