"""Where a report leads: to the sections of the built book, and to what students handed in."""

import html
import os
import re
from pathlib import Path
from urllib.parse import quote

from lstm_grade.run.folder import shown

_SECTION = re.compile(
    r'<section[^>]*\bid="([^"]+)"[^>]*>\s*(?:<span[^>]*></span>\s*)*<h([1-6])>(.*?)</h\2>', re.S
)
_PERMALINK = re.compile(r'<a class="headerlink".*?</a>|<[^>]+>', re.S)
_NUMBER = re.compile(r"^[\d.]+\s+")


def sections(book: Path, folder: Path) -> dict[str, str]:
    """Return the links from a folder to a book's sections, by what mistakes call them.

    A mistake names ``"The forget gate" in The gates``, or a page alone. Nothing
    is found where the book is not built.

    Parameters
    ----------
    book : Path
        With the pages of the built book.
    folder : Path
        In which the report is.
    """
    found: dict[str, str] = {}
    for page in sorted(book.rglob("*.html")):
        headings = [
            (anchor, int(level), _text(title))
            for anchor, level, title in _SECTION.findall(page.read_text("utf-8", "replace"))
        ]
        top = next((title for _, level, title in headings if level == 1), None)
        if top is None:
            continue
        here = quote(os.path.relpath(page, folder))
        found.setdefault(top, here)
        for anchor, level, title in headings:
            if level > 1:
                found.setdefault(f'"{title}" in {top}', f"{here}#{quote(anchor)}")
    return found


def _text(title: str) -> str:
    plain = html.unescape(_PERMALINK.sub("", title))
    return _NUMBER.sub("", " ".join(plain.split()))


def submissions(found, folder: Path) -> dict[str, str]:
    """Return the links from a folder to graded work: the page of feedback, or the notebook."""
    links = {}
    for student in found.works:
        for base, suffix in (("feedback", "html"), ("autograded", "ipynb")):
            pages = sorted(Path(base, student, found.assignment).glob(f"*.{suffix}"))
            if pages:
                links[shown(student)] = quote(os.path.relpath(pages[0], folder))
                break
    return links
