"""What leads through the book: the drawing above each page, and the cards of the chapters.

The drawing is an LSTM unrolled over the chapters, a step each. The memory runs along the line,
thick as far as one has come, and the chapter that is open is drawn as a cell.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from lstm_pages.face import ANSWERS

STEP = 60  # of the drawing, between two chapters
WIDTH = STEP * len(ANSWERS)
# A cell of the drawing, in the middle of its width. The memory runs along y = 20.
CELL = """<g transform="translate({x})">
<rect class="body" x="-24" y="4" width="48" height="54" rx="8"/>
<path class="memory" d="M-24 20h48"/><path class="bus" d="M-17 52h33"/>
<path class="f" d="M-14 52v-27"/><path class="i" d="M-4 52v-14l4-4v-9"/>
<path class="c" d="M6 52v-14l-5-4"/><path class="o" d="M15 52v-10"/><path d="M15 20v13m4 4h12"/>
<circle cx="-14" cy="20" r="4.5"/><circle cx="0" cy="20" r="4.5"/><circle cx="15" cy="37" r="4.5"/>
</g>"""


class Chapters(nodes.General, nodes.Element):
    """Cards of the numbered chapters, written when all titles are known."""


class ChaptersDirective(SphinxDirective):
    """``{chapters}``: a card for each chapter with a number, that says what it answers."""

    def run(self):
        """Leave a place for the cards."""
        return [Chapters()]


def visit_chapters(self, node):
    """Write the cards, part by part."""
    env, here = self.builder.env, self.builder.current_docname
    for part in env.external_site_map.root.subtrees:
        names = [str(name) for name in part.items if str(name) in ANSWERS]
        if not names:
            continue
        self.body.append(f'<p class="part">{self.encode(part.caption)}</p>\n<div class="chapters">')
        for name in names:
            number = ".".join(map(str, env.toc_secnumbers[name][""]))
            self.body.append(
                f'<a class="chapter" href="{self.builder.get_relative_uri(here, name)}">'
                f'<span class="chapter-number">{number}</span> '
                f"<strong>{self.encode(env.titles[name].astext())}</strong> "
                f"<span>{self.encode(ANSWERS[name])}</span></a>\n"
            )
        self.body.append("</div>\n")
    raise nodes.SkipNode


def drawing(pagename, first):
    """Return the drawing above a page; above the first one, all of it is cells."""
    chapters = list(ANSWERS)
    places = [STEP * k + STEP // 2 for k in range(len(chapters))]
    now = places[chapters.index(pagename)] if pagename in chapters else 0
    if pagename == first:
        way = f'<path class="memory" d="M-{WIDTH} 20h{3 * WIDTH}"/>'
        return frame(0, way + "".join(CELL.format(x=x) for x in places))
    steps = "".join(
        f'<circle{" class=read" if x < now else ""} cx="{x}" cy="20" r="4"/>'
        for x in places
        if x != now
    )
    way = f'<path class="way" d="M-{WIDTH} 20h{3 * WIDTH}"/>'
    if not now:
        return frame(0, f'{way}<g class="steps">{steps}</g>')
    come = f'<path class="memory" d="M-{WIDTH} 20H{now}"/>'
    return frame(now, f'{way}{come}<g class="steps">{steps}</g>{CELL.format(x=now)}')


def frame(at, inside):
    """Return the drawing's element, with the place that has to be seen."""
    svg = f'<svg viewBox="0 0 {WIDTH} 64" style="--at: {at / 16}rem; --wide: {WIDTH / 16}rem">'
    return f'<div class="unrolled" aria-hidden="true">{svg}{inside}</svg></div>'


def draw(app, pagename, templatename, context, doctree):
    """Give the page's template the drawing."""
    context["drawing"] = drawing(pagename, app.config.root_doc)


def setup(app):
    """Register with Sphinx."""
    app.add_node(Chapters, html=(visit_chapters, None))
    app.add_directive("chapters", ChaptersDirective)
    app.connect("html-page-context", draw)
