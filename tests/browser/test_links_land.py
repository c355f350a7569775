"""Every link into a page of the book lands where it says: wide and on a phone, cold and warm.

The pages are opened from their folder, each once a width, by the address of the section furthest
down; from there, all other places that any link of the book names.
"""

import posixpath
import re
from urllib.parse import unquote, urldefrag

import pytest

from contents import pages

OTHER = "book/glossary.html"
LINK = re.compile(r'<a [^>]*href="([^"#:]*#[^"]+)"')
SECTION = re.compile(r'<section id="([^"]+)"')
# How far a place is below where it should be; how far one can scroll on, and back.
OFF = """(anchor) => {
  const target = document.getElementById(anchor);
  if (!target) return ['missing', 0, 0];
  const padding = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  const margin = parseFloat(getComputedStyle(target).scrollMarginTop) || 0;
  const root = document.documentElement;
  const left = root.scrollHeight - root.clientHeight - scrollY;
  return [target.getBoundingClientRect().top - padding - margin, left, scrollY];
}"""
# Follow links within the page.
FOLLOW = f"""(anchors) => anchors.map((anchor) => {{
  location.hash = anchor;
  return [anchor, ...({OFF})(anchor)];
}})"""


@pytest.fixture(scope="module")
def targets(built_book):
    """Return the places that links name, by page."""
    found = {name: set() for name in pages()}
    for name in found:
        html = (built_book / name).read_text("utf-8")
        for href in LINK.findall(html):
            path, anchor = urldefrag(href)
            page = posixpath.normpath(posixpath.join(posixpath.dirname(name), path or "."))
            page = name if not path else page
            if page in found:
                found[page].add(unquote(anchor))
    return found


def misses(landed):
    """Return the places that are not where they should be, though one can scroll there."""
    return [
        f"#{anchor}: {off}"
        for anchor, off, left, back in landed
        if off == "missing" or min(off, left) > 2 or min(-off, back) > 2
    ]


@pytest.mark.parametrize("width", ["wide", "phone"])
@pytest.mark.parametrize("name", pages())
def test_links_land(contexts, built_book, targets, name, width):
    sections = SECTION.findall((built_book / name).read_text("utf-8"))
    deep = sections[-1] if sections else ""
    page = contexts(width, "light").new_page()
    page.goto(f"{(built_book / name).as_uri()}#{deep}")
    page.evaluate("document.fonts.ready")
    first = [[deep, *page.evaluate(OFF, deep)]] if deep else []
    landed = page.evaluate(FOLLOW, sorted(targets[name] - {"main-content"}))
    page.close()
    assert misses(first + landed) == []


SECTION_SEEN = """() => [...document.querySelectorAll('section[id] > :is(h2, h3)')]
  .map((heading) => [heading.parentElement.id, Math.round(heading.getBoundingClientRect().top)])
  .filter(([, top]) => top >= 0 && top < innerHeight)"""


def sections_seen(page):
    """Return the headings in sight, by section, once nothing has moved for half a second."""
    seen, still = None, 0
    for _ in range(100):
        last, seen = seen, dict(page.evaluate(SECTION_SEEN))
        still = still + 1 if seen == last else 0
        if still == 5:
            break
        page.wait_for_timeout(100)
    return seen


@pytest.mark.parametrize("width", ["wide", "phone"])
@pytest.mark.parametrize("name", ["book/gates.html", "book/variants.html"])
def test_back_and_reload_lead_to_where_one_was(contexts, built_book, name, width):
    """From the middle of a page, as far as one has read, to a third of a line."""
    page = contexts(width, "light").new_page()
    page.goto((built_book / name).as_uri())
    page.evaluate("document.fonts.ready")
    page.mouse.move(200, 500)
    heading = page.locator("section[id] > h2").nth(3)
    while heading.evaluate("(heading) => heading.getBoundingClientRect().top") > 300:
        page.mouse.wheel(0, 250)
        page.wait_for_timeout(50)
    before = sections_seen(page)
    assert before
    for move in page.reload, lambda: (page.goto((built_book / OTHER).as_uri()), page.go_back()):
        move()
        page.evaluate("document.fonts.ready")
        after = sections_seen(page)
        moved = {s: [top, after.get(s)] for s, top in before.items()}
        assert {s: m for s, m in moved.items() if abs((m[1] or 1e4) - m[0]) > 8} == {}, move
    page.close()
