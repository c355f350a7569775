"""Print what is built: the book, the lectures with their notes, a handout for each chapter.

    python tools/pdf.py book|slides|handouts …

Chromium prints: it has the fonts, formulas and drawings that the pages have, writes tags and
bookmarks, and since version 131 the boxes of a page, in which running heads and numbers stand.
WeasyPrint, tried on the same pages, sets text and formulas alike and could number references by
itself. But it fills figures with black, whose colours are CSS variables, and runs no script: then
pictures one can touch would be missing.
"""

import re
import sys
from pathlib import Path

import pikepdf
import yaml
from browsing import chromium

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "book/_ext"))
import handouts  # noqa: E402
import lectures  # noqa: E402
import paper  # noqa: E402
import pictures  # noqa: E402

HTML = ROOT / "_build/html"
PRINTED = HTML / "pdf"
BOOK = "lstm-gate-by-gate"
TAGGED = {"print_background": True, "prefer_css_page_size": True, "tagged": True}
ROUNDS = 5
# On a screen they are loaded when one comes near.
IMAGES = """Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode();
}))"""


def finish(path, title):
    """Say in a PDF whose it is, and pack it; return how many pages there are."""
    author = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["author"]
    with pikepdf.open(path, allow_overwriting_input=True) as printed:
        with printed.open_metadata(set_pikepdf_as_editor=False) as said:
            said["dc:title"], said["dc:creator"], said["dc:language"] = title, [author], ["en"]
        for name in ("/Creator", "/Producer"):  # Chromium's
            if name in printed.docinfo:
                del printed.docinfo[name]
        printed.docinfo["/Title"], printed.docinfo["/Author"] = title, author
        with printed.open_outline() as outline:
            say_once(outline.root)
        generate = pikepdf.ObjectStreamMode.generate
        printed.save(path, object_stream_mode=generate, recompress_flate=True)
        return len(printed.pages)


# Where a page ends before a heading, Chromium says each piece of its text twice.
TWICE = re.compile(r"((?:[\d.]+ )?)\1(.+)\2")


def say_once(marks):
    """Mend the titles of bookmarks."""
    for mark in marks:
        twice = TWICE.fullmatch(mark.title)
        mark.title = twice[1] + twice[2] if twice else mark.title
        say_once(mark.children)


def book(path, browser, chosen):
    """Print some parts of the book; return how many pages there are.

    The numbers that references show move text, which may move numbers, and so do lines that are set
    closer: it is printed again until they stay.
    """
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    made = paper.Paper(HTML, chosen)
    scripts = pictures.scripts(made.body)
    style = (ROOT / "tools/paper.css").read_text("utf-8")
    source, pages = path.with_suffix(".html"), {}
    tab = browser.new_page()
    tab.set_default_timeout(300_000)
    for _ in range(ROUNDS):
        html = made.html(config["title"], config["author"], scripts, style, pages)
        source.write_text(html, "utf-8")
        tab.goto(source.as_uri())
        tab.evaluate("document.fonts.ready")
        tab.evaluate(IMAGES)
        tab.pdf(path=path, outline=True, **TAGGED)
        before, pages = pages, made.numbers(path)
        made.squeeze(path, pages)
        if pages == before:
            break
    tab.close()
    source.unlink()
    return finish(path, config["title"])


def slides(folder, browser, chosen):
    """Print lectures, the notes of a slide on the page after it."""
    for lecture in chosen:
        tab = browser.new_page()
        address = (HTML / f"slides/{lecture.slug}.html").as_uri()
        tab.goto(f"{address}?view=print&showNotes=separate-page")
        tab.wait_for_selector(".pdf-page")
        path = folder / f"{lecture.slug}-slides.pdf"
        # After these comes an empty one.
        pages = tab.locator(".pdf-page, .speaker-notes-pdf").count()
        tab.pdf(path=path, outline=True, page_ranges=f"1-{pages}", **TAGGED)
        tab.close()
        finish(path, f"{lecture.number}. {lecture.title}")


def sheets(folder, browser, chosen):
    """Print handouts, a page each."""
    for slug, html in handouts.pages(chosen):
        tab = browser.new_page()
        tab.set_content(html)
        tab.evaluate("document.fonts.ready")
        path = folder / f"{slug}-handout.pdf"
        tab.pdf(path=path, **TAGGED)
        title = tab.title()
        tab.close()
        finish(path, title)


def link():
    """Link in the book's pages what has been printed."""
    for page in HTML.glob("book/*.html"):
        text = page.read_text("utf-8")
        linked = re.sub(
            r"(<!-- (slides|handouts) ([\w-]+) -->)( \(<a [^>]*>PDF</a>\))?", linked_to, text
        )
        if linked != text:
            page.write_text(linked, "utf-8")


def linked_to(mark):
    """Return a mark with its link, if there is something to link."""
    name = f"{mark[3]}-{mark[2].removesuffix('s') if mark[2] == 'handouts' else mark[2]}.pdf"
    there = (PRINTED / name).exists()
    return mark[1] + (f' (<a href="../pdf/{name}">PDF</a>)' if there else "")


def main(*wanted):
    """Print what is named."""
    PRINTED.mkdir(exist_ok=True)
    given = lectures.read_all(ROOT / "book/lectures")
    with chromium() as browser:
        if "book" in wanted:
            path = ROOT / f"_build/{BOOK}.pdf"
            pages = book(path, browser, paper.parts(ROOT))
            print(f"The book on paper: {path} ({pages} pages)")
        if "slides" in wanted:
            slides(PRINTED, browser, given)
            print(f"The lectures on paper: {PRINTED}/*-slides.pdf")
        if "handouts" in wanted:
            sheets(PRINTED, browser, handouts.CHOSEN)
            print(f"The handouts: {PRINTED}/*-handout.pdf")
    link()


if __name__ == "__main__":
    main(*sys.argv[1:])
