"""Print the built book into one PDF, with contents, page numbers and bookmarks.

Run by ``make pdf``. Chromium prints each page in the style that pages have for paper, pypdf joins
them. Links between pages are dropped: they would lead to this machine's files.
"""

import io
from pathlib import Path

import yaml
from browsing import chromium
from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).parent.parent
HTML = ROOT / "_build/html"
PDF = ROOT / "_build/lstm-gate-by-gate.pdf"
PAPER = {
    "format": "A4",
    "print_background": True,
    "scale": 0.8,
    "margin": {"top": "18mm", "bottom": "20mm", "left": "20mm", "right": "20mm"},
}
UNLINK = """() => document.querySelectorAll('article a[href]').forEach((a) => {
  if (a.pathname !== location.pathname && a.protocol === 'file:') a.replaceWith(...a.childNodes);
})"""
SECTIONS = """() => [...document.querySelectorAll('article > section > section')].map(
  (section) => [section.querySelector('h2').textContent.replace(/#$/, ''), section.id])"""
FRONT = """<style>
  body { margin: 60mm 10mm 0; font: 18px/1.6 sans-serif; }
  h1 { font-size: 52px; margin: 0 0 30mm; }
  h2 { font-size: 18px; margin: 1em 0 0; }
  p { display: flex; justify-content: space-between; margin: 0; }
</style>"""
# On a screen they are loaded when one comes near.
IMAGES = """Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode();
}))"""
NUMBER = '<p style="width: 100%; text-align: center; font: 9px sans-serif" class="pageNumber"></p>'


def contents():
    """Return (caption, pages) for each part of _toc.yml, first the start page, of no part."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    parts = [(part["caption"], [c["file"] for c in part["chapters"]]) for part in toc["parts"]]
    return [("", [toc["root"]]), *parts]


def pdf(tab, **options):
    """Return what a tab shows, on paper."""
    return PdfReader(io.BytesIO(tab.pdf(**PAPER, **options)))


def add(book, chapter, title, sections, part, caption):
    """Append a chapter with its bookmarks; return the bookmark of its part, new or given."""
    first = len(book.pages)
    book.append(chapter, import_outline=False)
    if caption and part is None:
        part = book.add_outline_item(title=caption, page_number=first)
    above = book.add_outline_item(title=title, page_number=first, parent=part)
    for heading, anchor in sections:
        # Chromium names the places that the page's own contents link to.
        if place := chapter.named_destinations.get(f"/{anchor}"):
            page = first + chapter.get_destination_page_number(place)
            book.add_outline_item(title=heading, page_number=page, parent=above)
    return part


def write(path, browser, parts):
    """Print the pages of some parts, join them, and number them; return how many there are."""
    tab = browser.new_page()
    book = PdfWriter()
    book.add_blank_page(595, 842)  # the title page, printed when the numbers are known
    front = FRONT
    for caption, pages in parts:
        front += f"<h2>{caption}</h2>"
        part = None
        for name in pages:
            tab.goto((HTML / f"{name}.html").as_uri())
            tab.evaluate(UNLINK)
            tab.evaluate(IMAGES)
            title = tab.locator("h1").first.inner_text().removesuffix("#").strip()
            number = f"<span>{len(book.pages) + 1}</span>"
            front += f"<p>{title}{number}</p>" if caption else f"<h1>{title}</h1>"
            part = add(book, pdf(tab), title, tab.evaluate(SECTIONS), part, caption)
    tab.set_content(front)
    book.pages[0].merge_page(pdf(tab).pages[0])
    tab.set_content('<p style="break-after: page">&nbsp;</p>' * len(book.pages))
    footer = {"display_header_footer": True, "header_template": "<p></p>"}
    numbers = pdf(tab, footer_template=NUMBER, **footer)
    for page, number in zip(book.pages[1:], numbers.pages[1:], strict=False):
        page.merge_page(number)
    book.compress_identical_objects()
    book.write(path)
    return len(book.pages)


def main():
    """Print the whole book."""
    with chromium() as browser:
        pages = write(PDF, browser, contents())
    print(f"The book on paper: {PDF} ({pages} pages)")


if __name__ == "__main__":
    main()
