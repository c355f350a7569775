"""Take the README's pictures, the book's card and the cell's film from the built book.

Run by ``make screenshots``; the pictures are committed.
"""

import base64
import io
import shutil
import subprocess
import sys
from pathlib import Path

from browsing import chromium
from PIL import Image

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "_build/html/book"
DOCS = ROOT / "book/readme"
CARD = ROOT / "book/_static/card.png"
ANIMATION = ROOT / "book/_static/lstm-cell.gif"
FILM = ANIMATION.with_suffix(".mp4")
STEP = 1.5  # seconds a step is shown; the last one twice as long, time to look at the end

# What a link shows has 1200 × 630 pixels: the book's title beside the cell.
CARD_PAGE = """
<style>
  body { margin: 0; width: 1200px; height: 630px; display: flex; align-items: center; gap: 30px;
         font-family: sans-serif; background: #fff; color: #222832; }
  h1 { font-size: 72px; line-height: 1.1; margin: 0 0 0 60px; flex: 1; }
  img { flex: none; width: 740px; padding-right: 40px; }
</style>
<h1>TITLE</h1><img src="data:image/png;base64,FIGURE">
"""


def save(page, path):
    """Save what the window shows with few colours, which is a third of the bytes."""
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(256).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")


def show(tab, page):
    """Open a page of the book, all of it laid out: else a part that was never seen is empty."""
    tab.goto((BOOK / page).as_uri())
    tab.evaluate("document.fonts.ready")
    tab.add_style_tag(content="section { content-visibility: visible !important }")


def picture(browser, name, page, at):
    """Take one picture of a page; `at` selects the element to begin with."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    tab = context.new_page()
    show(tab, page)
    below_header = "(element) => window.scrollTo(0, element.offsetTop - 60)"
    tab.locator(at).first.evaluate(below_header)
    save(tab, DOCS / name)
    context.close()


def card(browser):
    """Make the card from the book's title and the cell to touch."""
    tab = browser.new_page(viewport={"width": 1200, "height": 630}, device_scale_factor=2)
    show(tab, "intro.html")
    title = tab.locator("h1").first.evaluate("(h1) => h1.firstChild.textContent")
    show(tab, "cell.html")
    figure = tab.locator("lstm-cell .diagram > svg:visible").screenshot()
    tab.close()
    tab = browser.new_page(viewport={"width": 1200, "height": 630})
    figure = base64.b64encode(figure).decode()
    tab.set_content(CARD_PAGE.replace("TITLE", title).replace("FIGURE", figure))
    tab.locator("img").evaluate("(img) => img.decode()")
    save(tab, CARD)


def animation(browser):
    """Make GIF and MP4 of the cell's steps, as the slide shows them."""
    tab = browser.new_page(viewport={"width": 1280, "height": 720})
    tab.goto((ROOT / "_build/html/slides/whole-cell.html").as_uri())
    tab.add_style_tag(
        content="lstm-cell :is(div.bar, details, .small), .controls, .slide-number"
        " { display: none !important } lstm-cell svg .small { display: revert !important }"
    )
    cell = tab.locator("lstm-cell")
    tab.evaluate(
        "(e) => Reveal.slide(Reveal.getIndices(e.closest('section')).h)", cell.element_handle()
    )
    shots = []
    for step in range(cell.evaluate("(e) => e.trace.length")):
        cell.evaluate("(e, t) => e.go(t)", step + 1)
        shots.append(Image.open(io.BytesIO(cell.screenshot())).convert("RGB"))
    frames = [shot.quantize(64) for shot in shots]
    times = [1000 * STEP] * (len(frames) - 1) + [2000 * STEP]  # ms
    frames[0].save(ANIMATION, save_all=True, append_images=frames[1:], duration=times, loop=0)
    film([*shots, shots[-1]])
    for path in (ANIMATION, FILM):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")


def film(shots):
    """Make the MP4 that every player plays: H.264, even sizes, the colours of television."""
    width, height = (size // 2 * 2 for size in shots[0].size)
    options = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {1 / STEP} -i -"
    coding = "-c:v libx264 -tune stillimage -crf 20 -pix_fmt yuv420p -r 10 -movflags +faststart"
    frames = b"".join(shot.crop((0, 0, width, height)).tobytes() for shot in shots)
    command = ["ffmpeg", "-y", "-loglevel", "error", *options.split(), *coding.split(), FILM]
    subprocess.run(command, input=frames, check=True)


def main():
    """Take all pictures."""
    if not shutil.which("ffmpeg"):
        sys.exit("No ffmpeg for the film: on Debian or Ubuntu, apt-get install ffmpeg")
    with chromium() as browser:
        picture(browser, "chapter.png", "gates.html", at="article figure")
        picture(browser, "cell.png", "cell.html", at="lstm-cell")
        card(browser)
        animation(browser)


if __name__ == "__main__":
    main()
