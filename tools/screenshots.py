"""Take the README's pictures, the book's card and the animation from the built book.

Run by ``make screenshots``; the pictures are committed.
"""

import io
from pathlib import Path

from browsing import chromium
from PIL import Image

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "_build/html/book"
DOCS = ROOT / "book/readme"
CARD = ROOT / "book/_static/card.png"
ANIMATION = ROOT / "book/_static/lstm-cell.gif"

# What a link shows has 1200 × 630 pixels: the book's title beside its first figure.
CARD_PAGE = """
<style>
  body { margin: 0; width: 1200px; height: 630px; display: flex; align-items: center; gap: 30px;
         font-family: sans-serif; background: #fff; color: #222832; }
  h1 { font-size: 72px; line-height: 1.1; margin: 0 0 0 60px; flex: 1; }
  svg { flex: none; width: 700px !important; max-width: none !important; padding-right: 40px; }
</style>
<h1>TITLE</h1>FIGURE
"""


def save(page, path):
    """Save what the window shows with few colours, which is a third of the bytes."""
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(256).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")


def picture(browser, name, page, at):
    """Take one picture of a page; `at` selects the element to begin with."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    tab = context.new_page()
    tab.goto((BOOK / page).as_uri())
    tab.evaluate("document.fonts.ready")
    # Sections that are laid out only when seen would move what `at` names.
    tab.add_style_tag(content="section { content-visibility: visible !important }")
    below_header = "(element) => window.scrollTo(0, element.offsetTop - 60)"
    tab.locator(at).first.evaluate(below_header)
    save(tab, DOCS / name)
    context.close()


def has_cell(page):
    """Tell whether a page has the cell to touch."""
    return "<lstm-cell" in page.read_text("utf-8")


def card(browser):
    """Make the card from the first figure of the book's first page."""
    tab = browser.new_page(viewport={"width": 1200, "height": 630})
    tab.goto((BOOK / "intro.html").as_uri())
    title = tab.locator("h1").first.evaluate("(h1) => h1.firstChild.textContent")
    figure = tab.locator("article figure svg").first.evaluate("(svg) => svg.outerHTML")
    tab.set_content(CARD_PAGE.replace("TITLE", title).replace("FIGURE", figure))
    save(tab, CARD)


def animation(browser):
    """Make the GIF of the cell's steps, as the slide shows them."""
    tab = browser.new_page(viewport={"width": 1280, "height": 720})
    tab.goto((ROOT / "_build/html/slides/cell.html").as_uri())
    tab.add_style_tag(
        content="lstm-cell :is(.bar, details, .small), .controls, .slide-number"
        " { display: none !important } lstm-cell svg .small { display: revert !important }"
    )
    cell = tab.locator("lstm-cell")
    tab.evaluate(
        "(e) => Reveal.slide(Reveal.getIndices(e.closest('section')).h)", cell.element_handle()
    )
    frames = []
    for step in range(cell.evaluate("(e) => e.trace.length")):
        cell.evaluate("(e, t) => e.go(t)", step + 1)
        frames.append(Image.open(io.BytesIO(cell.screenshot())).convert("RGB").quantize(64))
    times = [1500] * (len(frames) - 1) + [3000]  # ms; time to look at the end
    frames[0].save(ANIMATION, save_all=True, append_images=frames[1:], duration=times, loop=0)
    print(f"{ANIMATION.relative_to(ROOT)}: {ANIMATION.stat().st_size // 1024} KiB")


def main():
    """Take all pictures."""
    with chromium() as browser:
        picture(browser, "chapter.png", "gates.html", at="article figure")
        pages = [page for page in sorted(BOOK.glob("*.html")) if has_cell(page)]
        picture(browser, "cell.png", pages[0].name, at="lstm-cell")
        card(browser)
        animation(browser)


if __name__ == "__main__":
    main()
