"""The lecture slides as a projector and a speaker see them, opened from their folder."""

from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]

LECTURES = sorted(p.stem for p in ROOT.glob("book/lectures/*.md"))
PROJECTORS = {"wide": (1280, 720), "4:3": (1024, 768)}

# What reaches beyond the slide, with a pixel for rounding.
BEYOND = r"""() => {
  const edge = document.querySelector('.slides').getBoundingClientRect();
  // KaTeX positions with boxes that are taller than what they show.
  const shows = (e) => !e.closest('.katex-html')
    || (!e.children.length && /[^\s\u200b]/.test(e.textContent));
  const unseen = '.notes, .katex-mathml, svg *, .visually-hidden';
  return [...Reveal.getCurrentSlide().querySelectorAll('*')]
    .filter((e) => e.checkVisibility() && !e.closest(unseen) && shows(e))
    .filter((e) => {
      const box = e.getBoundingClientRect();
      return box.left < edge.left - 1 || box.right > edge.right + 1
        || box.top < edge.top - 1 || box.bottom > edge.bottom + 1
        || (e.matches('pre') && e.scrollWidth > e.clientWidth + 1);
    })
    .map((e) => `${e.closest('section').querySelector('h1, h2').textContent}: ${e.tagName}`);
}"""

# Words of a drawing that are printed over each other. A formula has a piece for each of its signs,
# and above and below the letters of a piece is room for those of other scripts.
MEET = r"""() => {
  const found = [];
  const met = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1 + 0.22 * (a.height + b.height);
  for (const svg of Reveal.getCurrentSlide().querySelectorAll('svg')) {
    const words = [...svg.querySelectorAll('text')]
      .filter((e) => e.checkVisibility() && e.textContent.trim())
      .map((e) => [e.textContent.replace(/\s+/g, ''), e.querySelector('tspan')
        ? [...e.querySelectorAll('tspan')].filter((part) => part.textContent.trim()) : [e]])
      .map(([said, parts]) => [said, parts.map((part) => part.getBoundingClientRect())]);
    words.forEach(([one, as], k) => words.slice(k + 1).forEach(([other, bs]) => {
      if (as.some((a) => bs.some((b) => met(a, b)))) found.push(`${one} | ${other}`);
    }));
  }
  const title = Reveal.getCurrentSlide().querySelector('h1, h2').textContent;
  return found.map((words) => `${title}: ${words}`);
}"""

# Words that are set smaller than they may be: in pixels of the slide, whatever the window is. What
# stands above or below a line in a formula is smaller, as it is anywhere.
SMALL = r"""([least, inPicture]) => {
  const scale = Reveal.getScale(), found = [];
  const words = document.createTreeWalker(Reveal.getCurrentSlide(), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const e = words.currentNode.parentElement;
    if (!/[^\s\u200b]/.test(words.currentNode.data) || !e.checkVisibility()) continue;
    if (e.closest('.notes, .katex, sub, sup, .visually-hidden, option, script, title')) continue;
    const svg = e.closest('svg'), text = e.closest('text');
    let size = parseFloat(getComputedStyle(e).fontSize);
    if (svg) {
      const tspans = [text, ...text.querySelectorAll('tspan')];
      size = Math.max(...tspans.map((t) => parseFloat(getComputedStyle(t).fontSize)));
      size *= text.getScreenCTM().a / scale || text.getScreenCTM().b / scale;
    }
    const picture = e.closest('lstm-cell, lstm-stream, lstm-back, lstm-learn, gradient-lag');
    if (Math.abs(size) < (picture && svg ? inPicture : least) - 0.5) {
      found.push(`${Reveal.getCurrentSlide().querySelector('h1, h2').textContent}: ${
        words.currentNode.data.trim().slice(0, 30)} ${size.toFixed(1)}`);
    }
  }
  return found;
}"""


def opened(visit, name, projector, scheme):
    """Open a deck as a projector shows it."""
    visited = visit(f"slides/{name}.html", "wide", scheme)
    width, height = PROJECTORS[projector]
    visited.page.set_viewport_size({"width": width, "height": height})
    visited.page.reload()
    visited.page.wait_for_function("window.Reveal?.isReady()")
    visited.page.add_style_tag(content=".fragment { transition: none !important }")
    return visited


@pytest.mark.parametrize(
    ("name", "projector", "scheme"),
    [
        pytest.param(name, projector, scheme, marks=[] if sample else pytest.mark.long)
        for k, name in enumerate(LECTURES)
        for j, (projector, scheme) in enumerate(
            [("wide", "light"), ("4:3", "dark"), ("wide", "dark"), ("4:3", "light")]
        )
        for sample in [k % 8 == 2 * j]  # the others run in make test-long
    ],
)
def test_every_slide(visit, name, projector, scheme):
    """Nothing reaches beyond a slide or stands on another word, no letter is too small to read."""
    visited = opened(visit, name, projector, scheme)
    page = visited.page
    beyond, met, small = [], [], []
    for k in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("(k) => Reveal.slide(k, 0, 9)", k)  # with the answer shown
        beyond += page.evaluate(BEYOND)
        met += page.evaluate(MEET)
        small += page.evaluate(SMALL, [28, 15])
    assert beyond == []
    assert met == []
    assert small == []
    assert visited.problems == []
    elsewhere = [url for url in visited.requests if not url.startswith(("data:", "file:"))]
    assert elsewhere == []


@pytest.mark.parametrize(("part", "tag"), [("h2", "H2"), (".equation", "SPAN")])
def test_overflow_is_found(visit, part, tag):
    page = opened(visit, "vanishing-gradients", "wide", "light").page
    page.evaluate("Reveal.slide(3)")
    assert page.evaluate(BEYOND) == []
    large = "(part) => { Reveal.getCurrentSlide().querySelector(part).style.fontSize = '400px'; }"
    page.evaluate(large, part)
    assert tag in str(page.evaluate(BEYOND))


def test_words_on_each_other_are_found(visit):
    page = opened(visit, "vanishing-gradients", "wide", "light").page
    assert page.evaluate(MEET) == []
    page.evaluate(
        "Reveal.getCurrentSlide().querySelectorAll('svg text').forEach((e) => {"
        " e.style.fontSize = '30px'; })"
    )
    assert page.evaluate(MEET)


def test_small_letters_are_found(visit):
    page = opened(visit, "vanishing-gradients", "4:3", "light").page
    assert page.evaluate(SMALL, [28, 15]) == []
    assert page.evaluate(SMALL, [29, 15])
    smaller = "document.querySelector('section.present h1').style.fontSize = '20px'"
    page.evaluate(smaller)
    assert "Vanishing gradients 20.0" in str(page.evaluate(SMALL, [28, 15]))


def test_the_number_stands_apart(visit):
    """From all that a slide shows."""
    page = opened(visit, "sequences", "wide", "light").page
    met = """() => {
      const number = document.querySelector('.slide-number').getBoundingClientRect();
      const words = document.createRange(), found = [];
      const shown = 'h1, h2, p, li, pre, svg, .katex';
      for (const e of Reveal.getCurrentSlide().querySelectorAll(shown)) {
        if (!e.checkVisibility() || e.closest('.notes')) continue;
        words.selectNodeContents(e);
        for (const box of words.getClientRects()) {
          if (box.right > number.left && box.left < number.right && box.top < number.bottom
            && box.bottom > number.top) found.push(e.textContent.slice(0, 40));
        }
      }
      return found;
    }"""
    for k in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("(k) => Reveal.slide(k, 0, 9)", k)
        assert page.evaluate(met) == []


@pytest.mark.parametrize(
    ("name", "projector"), [("whole-cell", "wide"), ("whole-cell", "4:3"), ("training", "wide")]
)
def test_a_picture_is_usable_in_a_deck(visit, name, projector):
    """A click on its buttons changes the picture, not the slide."""
    page = opened(visit, name, projector, "light").page
    tag = {"whole-cell": "lstm-cell", "training": "lstm-learn"}[name]
    at = page.evaluate(
        "(tag) => [...document.querySelectorAll('.slides > section')]"
        ".findIndex((slide) => slide.querySelector(tag))",
        tag,
    )
    page.evaluate("(k) => Reveal.slide(k)", at)
    picture = page.locator(tag)
    before = picture.locator(".said").inner_text()
    picture.locator("[data-do=back], [name=play]").first.click()
    page.wait_for_function(
        "([tag, before]) => document.querySelector(`${tag} .said`).innerText !== before",
        arg=[tag, before],
    )
    assert page.evaluate("Reveal.getIndices().h") == at


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if k == 4 else pytest.mark.long) for k, n in enumerate(LECTURES)],
)
def test_a_slide_is_accessible(visit, name):
    visited = visit(f"slides/{name}.html")
    assert visited.violations() == []


def test_speaker_sees_the_notes(visit):
    """Also from a folder, in a window of their own that follows the slides."""
    page = visit("slides/sequences.html").page
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
    page = visit("slides/sequences.html").page
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
    page = visit("slides/sequences.html", "wide", "dark").page
    shade = "getComputedStyle(document.querySelector('.reveal-viewport')).backgroundColor"
    dark = page.evaluate(shade)
    page.keyboard.press("t")
    assert page.evaluate(shade) == "rgb(255, 255, 255)" != dark
