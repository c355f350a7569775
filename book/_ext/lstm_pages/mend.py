"""Mends the accessibility faults of a page, of those parts that no template writes alone.

Each mend knows the markup it expects. When the theme changes, the build stops and says where.
"""

import re
from typing import NamedTuple

from sphinx.errors import ExtensionError

MENDED = '<html data-mended lang="'


class Mend(NamedTuple):
    """Replace `pattern`, which must match wherever a page has the text `sign`."""

    why: str
    sign: str
    pattern: str
    replacement: str
    everywhere: bool = False  # every page has the sign


MENDS = [
    Mend(
        "the title and the search field are in no landmark",
        'id="pst-primary-sidebar"',
        r'<div id="pst-primary-sidebar" ',
        '<div id="pst-primary-sidebar" role="navigation" aria-label="Book" ',
        everywhere=True,
    ),
    Mend(
        "the name of a folded cell lacks its visible text",
        "Toggle hidden content",
        r'<summary aria-label="Toggle hidden content">',
        "<summary>",
    ),
    Mend(
        "an empty corner of a table heads nothing",
        '<th class="head"><p></p></th>',
        r'<th class="head"><p></p></th>',
        "<td></td>",
    ),
    Mend(
        "a deprecated role",
        "doc-biblioentry",
        r' role="doc-biblioentry"',
        "",
    ),
    Mend(
        "a list without list items",
        'class="citation-list"',
        r'<div role="list" class="citation-list">',
        '<div class="citation-list">',
    ),
]


def read_pages(out):
    """Read every page that the theme wrote: path relative to `out` -> HTML."""
    pages = {path.relative_to(out): path.read_text("utf-8") for path in out.rglob("*.html")}
    return {path: html for path, html in pages.items() if "data-content_root=" in html}


def is_mended(html):
    """Tell whether an earlier build mended this page."""
    return MENDED in html


def mend_page(path, html):
    """Return the page with all MENDS applied and one stylesheet.

    Raises
    ------
    ExtensionError
        If the theme's markup is not what a mend expects.
    """
    if is_mended(html):
        return html
    for mend in MENDS:
        expected = html.count(mend.sign)
        html, found = re.subn(mend.pattern, mend.replacement, html)
        if found != expected or (mend.everywhere and not found):
            raise ExtensionError(
                f"{path}: to mend '{mend.why}', expected {max(expected, mend.everywhere)} of "
                f"{mend.pattern!r}, found {found}. Has the theme changed? See {__file__}"
            )
    if not html.count('<html lang="') == 1:
        raise ExtensionError(f'{path}: expected one <html lang="…">')
    return name_formulas(html).replace('<html lang="', MENDED)


def name_formulas(html):
    """Name the formulas in table headers: a formula's content is no name by ARIA's rules."""

    def name(match):
        tex = re.search(r"<annotation[^>]*>(.*?)</annotation>", match[0], re.DOTALL)[1]
        label = tex.replace("\\", "").replace('"', "&quot;")
        return match[0].replace("<math ", f'<math aria-label="{label}" ', 1)

    return re.sub(r"(?<=<th )((?!</th>).)*?<math .*?</math>", name, html, flags=re.DOTALL)


def anchor_404(pages, site):
    """Let the 404 page, which a server sends for a page at any depth, refer to the site's root."""
    for path in pages:
        if path.name == "404.html":
            pages[path] = re.sub(r'(href|src|action)="(?!#|\w+:)', rf'\1="{site}', pages[path])


def write_start_page(out, first, title):
    """Write index.html, which leads to the first page; what the build wrote has no title."""
    (out / "index.html").write_text(
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta http-equiv="refresh" content="0; url={first}.html">\n'
        f'<main><h1><a href="{first}.html">{title}</a></h1></main>\n</html>\n',
        "utf-8",
    )


def write_pages(out, pages):
    """Write the pages back."""
    for path, html in pages.items():
        (out / path).write_text(html, "utf-8")
