"""Build the lectures from the built book: a page for each ``book/lectures/<slug>.md``.

A lecture is Markdown. It begins with what it is, in YAML: ``number``, ``title``, ``chapters``,
``exercise`` (an assignment's slug), ``needs`` and ``aims``. ``---`` parts its slides. A heading
ends with the slide's minutes, ``## The loop {3}``, and what follows a line ``Note:`` is for the
speaker only. Figures, equations and more are named, and taken from the pages as they were built::

    {figure} fig-gates-cell
    {equation} eq-cell
    {question} gates: Why is the candidate not a gate?
    {code} sequences#the-loop: def forward
    {output} gates#the-forget-gate: 100 steps
    {touch} lstm-cell remember
    {touch} lstm-learn adding T=60 bias=-1

Three more are the lecture's own: ``{aims}``, ``{ask} A question`` with ``{answer} What one should
expect`` in the next line, and ``{exercise} gates``, the card of the assignment that it leads to.

Run by ``make book``. A name that the book does not have stops it.
"""

import base64
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Template

from built_book import Book
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinxcontrib import katex

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "book/_ext"))
import assignment  # noqa: E402
import katex_server  # noqa: E402
import lectures  # noqa: E402
import pictures  # noqa: E402

REVEAL = ROOT / "node_modules/reveal.js/dist"
KATEX = ROOT / "node_modules/katex/dist"
STATIC = ROOT / "book/_static"
LECTURES = ROOT / "book/lectures"
SLIDES = ROOT / "_build/html/slides"
NAMED = re.compile(r"^\{([a-z]+)\}(.*)$", re.MULTILINE)
HEADING = re.compile(r"(?P<heading>#.*?) \{(?P<minutes>\d+)\}")


@dataclass
class Deck:
    """A lecture on its way to a page.

    Attributes
    ----------
    lecture : lectures.Lecture
        What it says of itself.
    book : built_book.Book
        What it takes from.
    slides : list of str
    """

    lecture: lectures.Lecture
    book: Book
    slides: list = field(default_factory=list)

    def own(self, kind, text):
        """Return what a lecture says by itself, or None if `kind` is the book's."""
        match kind:
            case "aims":
                aims = "\n".join(f"- {aim}" for aim in self.lecture.aims)
                return f'<div class="aims"><p>At the end you can</p>{markdown().render(aims)}</div>'
            case "ask":
                return f'<div class="question">{markdown().renderInline(text)}</div>'
            case "answer":
                return f'<div class="answer fragment">{markdown().render(text)}</div>'
            case "exercise":
                if text != self.lecture.exercise:
                    raise LookupError(
                        f"the lecture leads to {self.lecture.exercise!r}, as its first lines say, "
                        f"got {text!r}."
                    )
                return exercise(text)
            case "touch":
                return picture(text)
        return None

    def add(self, text):
        """Append a slide as a ``<section>``."""
        text, _, note = text.partition("\nNote:")
        first, _, body = text.strip().partition("\n")
        heading = HEADING.fullmatch(first)
        if not heading:
            raise LookupError("expected a heading with its minutes, such as '## The loop {3}'.")
        html, rest = "", body
        while named := NAMED.search(rest):
            kind, name = named[1], named[2].strip()
            html += prose(rest[: named.start()])
            html += self.own(kind, name) or self.book.get(kind, name)
            rest = rest[named.end() :]
        seconds = 60 * int(heading["minutes"])
        self.slides.append(
            f'<section data-timing="{seconds}">{markdown().render(heading["heading"])}'
            f'<div class="body">{html}{prose(rest)}</div>'
            f'<aside class="notes">{markdown().render(note)}</aside></section>'
        )


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


def picture(text):
    """Return a picture one can touch, or None for one that brings data, which the book has."""
    tag, value, chosen = [*text.split(" ", 2), "", ""][:3]
    _, attribute, values = pictures.PICTURES.get(tag, (None, None, []))
    if value in values:
        try:
            chosen = chosen and f' set="{pictures.settings(tag, chosen)}"'
        except ValueError as error:
            raise LookupError(str(error)) from None
        return f'<{tag} {attribute}="{value}"{chosen}></{tag}>'
    if values:
        raise LookupError(f"{tag} can show {', '.join(values)}, got {value!r}.")
    return None


def exercise(slug):
    """Return the card of an assignment: what is written in it, points and minutes."""
    if slug == "project":
        return (
            '<div class="exercise"><p><a href="../book/project.html">The project</a>: a claim of '
            "your own, tested. Template, rubric, an example, and ten claims with data</p></div>"
        )
    given = assignment.read(ROOT, slug)
    rows = "".join(
        f"<tr><td><code>{name}</code></td><td>{points:g} points</td></tr>"
        for name, (_, points) in given.functions.items()
    )
    return (
        f'<div class="exercise"><p><a href="../book/assignments/{slug}.html">{given.title}</a>: '
        f"about {given.minutes} minutes, {given.points:g} points, and {given.question:g} for an "
        f"answer in words</p><table>{rows}</table></div>"
    )


def deck(lecture, book):
    """Return a lecture as one page that loads nothing."""
    made = Deck(lecture, book)
    for number, text in enumerate(lecture.slides, start=1):
        try:
            made.add(text)
        except LookupError as error:
            title = text.strip().splitlines()[0].lstrip("# ")
            there = f"book/lectures/{lecture.slug}.md, slide {number} ({title})"
            sys.exit(f"{there}: {error.args[0]}")
    html = "\n".join(made.slides)
    touched = [STATIC / name for name in pictures.scripts(html)]
    scripts = [REVEAL / "reveal.js", REVEAL / "plugin/notes.js", *touched]
    names = ["quantities.css", "pictures.css", "lstm-cell.css", "gradient-lag.css"]
    styles = [STATIC / name for name in (names if touched else names[:1])]
    styles = [REVEAL / "reveal.css", *styles, LECTURES / "deck.css"]
    script = "\n".join(path.read_text("utf-8") for path in scripts)
    return Template((LECTURES / "deck.html").read_text("utf-8")).substitute(
        title=f"{lecture.number}. {lecture.title}",
        minutes=lecture.minutes,
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
    """Build all lectures; what was one before and is none any more goes."""
    book = Book(ROOT / "_build/html/book", ROOT / "_build/jupyter_execute/book")
    SLIDES.mkdir(exist_ok=True)
    given = lectures.read_all(LECTURES)
    for path in SLIDES.glob("*.html"):
        if path.stem not in {lecture.slug for lecture in given}:
            path.unlink()
    for lecture in given:
        (SLIDES / f"{lecture.slug}.html").write_text(deck(lecture, book), "utf-8")


if __name__ == "__main__":
    main()
