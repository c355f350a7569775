"""Build the lecture slides from the built book: a page for each ``book/lectures/<part>.md``.

A deck is Markdown. ``---`` parts its slides, and what follows a line ``Note:`` is for the speaker
only. Figures, equations and questions are named, and taken from the pages as they were built::

    {figure} fig-gates-cell
    {equation} eq-cell
    {question} gates: Why is the candidate not a gate?

Run by ``make book``. A name that the book does not have stops it.
"""

import base64
import difflib
import re
import sys
from functools import cache, cached_property
from pathlib import Path
from string import Template

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinxcontrib import katex

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "book/_ext"))
import katex_server  # noqa: E402
import pictures  # noqa: E402

REVEAL = ROOT / "node_modules/reveal.js/dist"
KATEX = ROOT / "node_modules/katex/dist"
STATIC = ROOT / "book/_static"
LECTURES = ROOT / "book/lectures"
KINDS = ["figure", "equation", "question"]
NAMED = re.compile(r"^\{(.+?)\}(.*)$", re.MULTILINE)


class Book:
    """The built pages, and what slides take from them: HTML by name."""

    def __init__(self, folder):
        self.pages = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.html"))}

    def get(self, kind, name):
        """Return what a slide names; LookupError says what there is instead."""
        if kind not in KINDS:
            raise LookupError(f"expected {' or '.join(KINDS)} in braces, got {kind!r}.")
        found = getattr(self, f"{kind}s")
        if name not in found:
            near = difflib.get_close_matches(name, found, 3, 0.5)
            there = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise LookupError(f"the built book has no {kind} {name!r}.{there}")
        return found[name]

    @cached_property
    def figures(self):
        """Every figure's picture, without the caption: a slide's own words say what to see."""
        found = self.find(r'<figure [^>]*id="([^"]+)"(.*?)</figure>')
        pictures = {name: re.search("<svg.*</svg>", html, re.DOTALL) for name, html in found}
        return {
            name: f'<div class="figure">{svg[0]}</div>' for name, svg in pictures.items() if svg
        }

    @cached_property
    def equations(self):
        """Every labelled equation, without its number."""
        found = self.find(r'id="equation-([^"]+)">\s*<span class="eqno">.*?</span>(.*?)</div>')
        return {name: f'<div class="equation">{html}</div>' for name, html in found}

    @cached_property
    def questions(self):
        """Every question, as "gates: Why?", with its answer, which the speaker reveals."""
        found = {}
        for page, html in self.pages.items():
            section = re.search('<section id="questions">.*?</section>', html, re.DOTALL)
            for details in BeautifulSoup(section[0] if section else "", "html.parser")("details"):
                for link in details("a"):
                    link.unwrap()  # a deck is one file: links within the book would be lost
                question, answer = details.select_one(".sd-summary-text"), details.div
                found[f"{page}: {source(question)}"] = (
                    f'<div class="question">{question.decode_contents()}</div>'
                    f'<div class="answer fragment">{answer.decode_contents()}</div>'
                )
        return found

    def find(self, pattern):
        """Return what the groups of a pattern match on all pages."""
        return [m for html in self.pages.values() for m in re.findall(pattern, html, re.DOTALL)]


def source(element):
    """Return the Markdown that a question was written in."""
    element = BeautifulSoup(str(element), "html.parser")
    for formula in element.select(".katex"):
        formula.replace_with(f"${formula.annotation.get_text()}$")
    for code in element("code"):
        code.replace_with(f"`{code.get_text()}`")
    typed = str.maketrans("‘’“”", "''\"\"")  # Sphinx sets the quotes
    return " ".join(element.get_text().translate(typed).split())


@cache
def markdown():
    """Return a parser whose formulas are rendered as the book's are."""
    katex_server.setup(None)
    parser = MarkdownIt("commonmark").enable("table")
    dollarmath_plugin(parser, renderer=lambda tex, _: katex.render_latex(tex))
    return parser


def prose(text):
    """Return what a slide says in its own words, in a box; no words, no box."""
    return f'<div class="text">{markdown().render(text)}</div>' if text.strip() else ""


def slide(text, book):
    """Return a slide as a ``<section>``."""
    text, _, note = text.partition("\nNote:")
    heading, _, body = text.strip().partition("\n")
    html, rest = "", body
    while named := NAMED.search(rest):
        html += prose(rest[: named.start()]) + book.get(named[1], named[2].strip())
        rest = rest[named.end() :]
    notes = MarkdownIt().render(note)
    return (
        f'<section>{markdown().render(heading)}<div class="body">{html}{prose(rest)}</div>'
        f'<aside class="notes">{notes}</aside></section>'
    )


def deck(path, book):
    """Return a deck as one page that loads nothing."""
    slides = []
    for number, text in enumerate(path.read_text("utf-8").split("\n---\n"), start=1):
        try:
            slides.append(slide(text, book))
        except LookupError as error:
            title = text.strip().splitlines()[0].lstrip("# ")
            sys.exit(f"book/lectures/{path.name}, slide {number} ({title}): {error.args[0]}")
    html = "\n".join(slides)
    touched = [STATIC / name for name in pictures.scripts(html)]
    scripts = [REVEAL / "reveal.js", REVEAL / "plugin/notes.js", *touched]
    styles = [STATIC / name for name in ("quantities.css", "pictures.css", "lstm-cell.css")]
    styles = [REVEAL / "reveal.css", *(styles if touched else styles[:1]), LECTURES / "deck.css"]
    script = "\n".join(path.read_text("utf-8") for path in scripts)
    return Template((LECTURES / "deck.html").read_text("utf-8")).substitute(
        title=re.search(r"<h1>(.*?)</h1>", html)[1],
        style="\n".join([katex_style(), *(path.read_text("utf-8") for path in styles)]),
        slides=html,
        script=script.replace("</script", r"<\/script"),  # also in a string it ends the script
    )


@cache
def katex_style():
    """Return KaTeX's stylesheet with its fonts in it."""

    def embed(match):
        font = base64.b64encode((KATEX / match[1]).read_bytes()).decode()
        return f'url(data:font/woff2;base64,{font}) format("woff2")'

    css = (KATEX / "katex.min.css").read_text("utf-8")
    return re.sub(r'url\((fonts/\w+-\w+\.woff2)\) format\("woff2"\)[^;}]*', embed, css)


def main():
    """Build all decks."""
    book = Book(ROOT / "_build/html/book")
    folder = ROOT / "_build/html/slides"
    folder.mkdir(exist_ok=True)
    for path in sorted(LECTURES.glob("*.md")):
        (folder / f"{path.stem}.html").write_text(deck(path, book), "utf-8")


if __name__ == "__main__":
    main()
