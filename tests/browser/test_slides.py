"""The lecture slides as a projector and a speaker see them, opened from their folder."""

from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]

every_deck = pytest.mark.parametrize(
    "name", [p.stem for p in sorted(ROOT.glob("book/lectures/*.md"))]
)

# What reaches beyond the slide, with a pixel for rounding.
BEYOND = r"""() => {
  const edge = document.querySelector('.slides').getBoundingClientRect();
  // KaTeX positions with boxes that are taller than what they show.
  const shows = (e) => !e.closest('.katex-html')
    || (!e.children.length && /[^\s\u200b]/.test(e.textContent));
  return [...Reveal.getCurrentSlide().querySelectorAll('*')]
    .filter((e) => e.checkVisibility() && !e.closest('.notes, .katex-mathml, svg *') && shows(e))
    .filter((e) => {
      const box = e.getBoundingClientRect();
      return box.left < edge.left - 1 || box.right > edge.right + 1
        || box.top < edge.top - 1 || box.bottom > edge.bottom + 1;
    })
    .map((e) => `${e.closest('section').querySelector('h1, h2').textContent}: ${e.tagName}`);
}"""


@every_deck
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_slide(visit, name, scheme):
    visited = visit(f"slides/{name}.html", "wide", scheme)
    page = visited.page
    page.set_viewport_size({"width": 1280, "height": 720})
    slides = page.evaluate("Reveal.getTotalSlides()")
    page.add_style_tag(content=".fragment { transition: none !important }")
    beyond = []
    for k in range(slides):
        page.evaluate("(k) => Reveal.slide(k, 0, 9)", k)  # with the answer shown
        beyond += page.evaluate(BEYOND)
    assert beyond == []
    assert visited.problems == []
    elsewhere = [url for url in visited.requests if not url.startswith(("data:", "file:"))]
    assert elsewhere == []


@pytest.mark.parametrize(("part", "tag"), [("h2", "H2"), (".equation", "SPAN")])
def test_overflow_is_found(visit, part, tag):
    page = visit("slides/why.html").page
    page.evaluate("Reveal.slide(1)")
    assert page.evaluate(BEYOND) == []
    large = "(part) => { Reveal.getCurrentSlide().querySelector(part).style.fontSize = '400px'; }"
    page.evaluate(large, part)
    assert tag in str(page.evaluate(BEYOND))


@every_deck
def test_a_slide_is_accessible(visit, name):
    visited = visit(f"slides/{name}.html")
    assert visited.violations() == []


def test_speaker_sees_the_notes(visit):
    """Also from a folder, in a window of their own that follows the slides."""
    page = visit("slides/why.html").page
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    first, second = page.locator("aside.notes p:first-child").all()[:2]
    said = [" ".join(note.text_content().split())[:40] for note in (first, second)]
    for words in said:
        notes.get_by_text(words).wait_for()
        page.keyboard.press("ArrowRight")
    opened.value.close()


def test_print_gives_a_page_a_slide(visit):
    page = visit("slides/why.html").page
    page.goto(page.url.split("#")[0] + "?view=print")
    page.wait_for_selector(".pdf-page")
    assert page.locator(".pdf-page").count() == page.evaluate("Reveal.getTotalSlides()")
    assert page.locator(".answer").first.is_visible()


def test_the_gif_has_every_step(visit):
    cell = visit("book/cell.html").page.locator("lstm-cell")
    with Image.open(ROOT / "book/_static/lstm-cell.gif") as gif:
        assert gif.n_frames == cell.evaluate("(e) => e.trace.length")
        assert gif.info["loop"] == 0
        assert gif.info["duration"] >= 1000
    assert (ROOT / "book/_static/lstm-cell.gif").stat().st_size < 500_000


def test_the_film_plays(visit):
    """As long as the GIF; that this browser plays it says that its coding is a common one."""
    page = visit("book/cell.html").page
    [film] = page.locator("a.download[href$='.mp4']").all()
    seconds = page.evaluate(
        """(src) => new Promise((done, failed) => {
             const film = Object.assign(document.createElement('video'), { src });
             film.onloadeddata = () => done(film.duration);
             film.onerror = () => failed(film.error.message);
           })""",
        film.evaluate("(link) => link.href"),
    )
    with Image.open(ROOT / "book/_static/lstm-cell.gif") as gif:
        shown = sum(gif.seek(k) or gif.info["duration"] for k in range(gif.n_frames)) / 1000
    assert seconds == pytest.approx(shown, abs=0.2)


def test_light_or_dark_by_key(visit):
    page = visit("slides/why.html", "wide", "dark").page
    shade = "getComputedStyle(document.querySelector('.reveal-viewport')).backgroundColor"
    dark = page.evaluate(shade)
    page.keyboard.press("t")
    assert page.evaluate(shade) == "rgb(255, 255, 255)" != dark
