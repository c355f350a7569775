"""From a matplotlib figure to SVG inside the page."""

import html
import io
import re
import sys

import matplotlib.pyplot as plt
from IPython.display import display

from lstm_book.projector import for_slide
from lstm_book.style import COLOURS


def to_svg(fig, name, alt):
    """Render a figure as an ``<svg>`` element; the same figure gives the same bytes.

    Black becomes ``currentColor``, so text and axes follow the page's theme; white
    becomes the page's background, a quantity's colour its CSS variable. Text stays
    text, in the page's font.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    name : str
        Prefix of every id, which keeps two figures on a page apart.
    alt : str
        What the figure shows, for readers who do not see it.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If `alt` is empty or `name` is not lower-case words joined by hyphens.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(f"name: expected lower-case words joined by hyphens, got {name!r}")
    if not alt.strip():
        raise ValueError("alt: expected a description of the figure, got an empty string")
    buffer = io.StringIO()
    no_metadata = dict.fromkeys(["Creator", "Date", "Format", "Type"])
    with plt.rc_context({"svg.hashsalt": name}):
        fig.savefig(buffer, format="svg", transparent=True, metadata=no_metadata)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]

    # Its style sheet would apply to the whole page: the root says the same.
    svg = re.sub(r"<style.*?</style>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"; font-family: 'DejaVu Sans'[^;\"]*", "", svg)
    svg = svg.replace("#000000", "currentColor")
    svg = svg.replace("#ffffff", "var(--pst-color-background, Canvas)")
    svg = svg.replace("#6b6b6b", "var(--pst-color-text-muted, #6b6b6b)")
    for variable, light, _ in COLOURS.values():
        svg = svg.replace(light, f"var({variable}, {light})")
    root = (
        f'<svg role="img" aria-label="{html.escape(alt)}" fill="currentColor" '
        'stroke-linejoin="round" style="width: 100%; max-width: 34rem; height: auto"'
    )
    return svg.replace("<svg", root, 1).strip()


def show(fig, name, alt):
    """Show a figure and store it under `name` for the page's ``{glue:figure}`` directive.

    With it goes the same figure laid out for a slide, which no page shows: `tools/slides.py` takes
    it. In the browser, where there are no slides, it is not drawn.

    Parameters
    ----------
    fig, name, alt
        As in `to_svg`. The figure is closed.
    """
    shown = {"text/html": to_svg(fig, name, alt), "text/plain": alt}
    if sys.platform != "emscripten":
        for_slide(fig)
        shown["image/svg+xml"] = to_svg(fig, f"{name}-slide", alt)
    plt.close(fig)
    # What myst_nb.glue writes, without importing Sphinx into every kernel.
    glued = {"scrapbook": {"name": name, "mime_prefix": ""}}
    display(shown, metadata=glued, raw=True)
