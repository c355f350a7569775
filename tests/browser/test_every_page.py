"""Every page, wide and on a phone, light and dark: quiet, light, whole, and open to everyone."""

import pytest

from contents import pages
from tests.browser.conftest import find_violations

HEAVIEST = 200 * 1024  # bytes of a page with all it loads before a click
INDEX = 200 * 1024  # the search page has it, too
RULE = "color-contrast"

every_page = pytest.mark.parametrize("name", pages())
both_widths = pytest.mark.parametrize("width", ["wide", "phone"])

# Text in figures whose contrast with what lies behind it is too low. axe does not look at SVG.
FAINT_TEXT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => { // the canvas knows every way to write a colour
    if (known.has(colour)) return known.get(colour);
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    known.set(colour, { rgb: [r, g, b], a: a / 255 });
    return known.get(colour);
  };
  const mix = (top, under, a) => top.map((value, k) => a * value + (1 - a) * under[k]);
  const luminance = (rgb) => rgb
    .map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, k) => sum + value * [0.2126, 0.7152, 0.0722][k], 0);
  const opacity = (element) => {
    let product = 1;
    for (let e = element; e; e = e.parentElement) product *= Number(getComputedStyle(e).opacity);
    return product;
  };
  // What a shape or a box paints at a point, or nothing.
  const paint = (element, x, y) => {
    const style = getComputedStyle(element);
    if (!(element instanceof SVGGeometryElement)) {
      return element instanceof SVGElement ? null : rgba(style.backgroundColor);
    }
    if (style.fill === 'none') return null;
    const at = new DOMPoint(x, y).matrixTransform(element.getScreenCTM().inverse());
    if (!element.isPointInFill(at)) return null;
    const { rgb, a } = rgba(style.fill);
    return { rgb, a: a * Number(style.fillOpacity) * opacity(element) };
  };
  // The middle of a text, and what lies there.
  const look = (text) => {
    const box = text.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    return [x, y, document.elementsFromPoint(x, y)];
  };
  const faint = [];
  for (const text of document.querySelectorAll('article svg text')) {
    if (!text.textContent.trim() || !text.checkVisibility()) continue;
    let [x, y, there] = look(text);
    // Most are where the one before was; at the edges the page has bars of its own.
    if (Math.abs(y / innerHeight - 0.5) > 0.25 || !there.some((e) => text.contains(e))) {
      text.scrollIntoView({ block: 'center', inline: 'center' });
      [x, y, there] = look(text);
    }
    let [under, covered] = [[], false];
    for (const element of there) {
      if (text.contains(element)) continue;
      const layer = paint(element, x, y);
      if (layer?.a > 0) under.push(layer);
      if (layer?.a === 1) { covered = true; break; }
    }
    let background = [255, 255, 255];
    for (const { rgb, a } of under.reverse()) background = mix(rgb, background, a);
    const style = getComputedStyle(text);
    const { rgb, a } = rgba(style.fill);
    const ink = mix(rgb, background, a * Number(style.fillOpacity) * opacity(text));
    const [dark, light] = [luminance(ink), luminance(background)].sort((p, q) => p - q);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(`${text.textContent.trim()}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""


# Of an element's text, what was meant as a formula and is none.
RAW_FORMULAS = r"""() => [...document.querySelectorAll('article :is(p, li, td, dd)')]
  .map((element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll('.katex, code, pre, svg').forEach((part) => part.remove());
    return copy.textContent;
  })
  .filter((text) => /\$[^$]+\$|\\[a-z]+\{|\\\(|\\tilde|\\sigma/.test(text))"""


# Marks one of all texts that are alike in what axe compares: it takes long for each.
MARK_DISTINCT = """() => {
  const grounds = new Map([[null, '']]);
  const ground = (element) => { // what an element and those around it paint
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = `${backgroundColor} ${backgroundImage} ${opacity}`;
      const plain = own === 'rgba(0, 0, 0, 0) none 1' ? '' : `${own} in `;
      grounds.set(element, plain + ground(element.parentElement));
    }
    return grounds.get(element);
  };
  const seen = new Set();
  const has = (element) => element.matches('input, select, textarea')
    || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  for (const element of document.querySelectorAll('body *')) {
    if (!has(element) || !element.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight, position, clip } = getComputedStyle(element);
    const alike = [color, fontSize, fontWeight, position, clip, ground(element)].join();
    element.toggleAttribute('data-distinct', !seen.has(alike));
    seen.add(alike);
  }
}"""


def low_contrast(page):
    """List the texts whose contrast is too low, one of each kind."""
    page.evaluate(MARK_DISTINCT)
    return find_violations(page, RULE, include=["[data-distinct]"])


@every_page
@both_widths
def test_page(visit, built_book, name, width):
    """A phone opens it dark, a wide screen light; there the reader's system changes to dark."""
    visited = visit(name, width, "dark" if width == "phone" else "light")
    page = visited.page
    elsewhere = [url for url in visited.requests if not url.startswith(built_book.as_uri())]
    assert elsewhere == []
    assert visited.weight() <= HEAVIEST + (INDEX if name == "search.html" else 0)
    assert page.evaluate(RAW_FORMULAS) == []
    formulas = page.locator("article .math")
    assert formulas.count() == page.locator("article .math .katex-html").count()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    assert page.evaluate(FAINT_TEXT) == []
    assert visited.violations() == []
    if width == "wide":
        page.emulate_media(color_scheme="dark")
        page.locator("html[data-theme=dark]").wait_for()
        assert page.evaluate(FAINT_TEXT) == []
        assert low_contrast(page) == []
    assert visited.problems == []


def test_faint_text_is_found(contexts):
    """On the page, on a shape, half transparent, in a colour space of its own."""
    page = contexts("wide", "light").new_page()
    page.set_content(
        """<body style="background: #fff"><article><svg width="400" height="200">
        <text x="10" y="20">fine</text> <text x="10" y="50" fill="#999">grey</text>
        <text x="10" y="80" fill-opacity="0.4">thin</text>
        <g><rect x="0" y="90" width="200" height="30" fill="color-mix(in srgb, #000, #fff 20%)"/>
        <text x="10" y="110">dark</text> <text x="80" y="110" fill="white">bright</text></g>
        <path d="M0 130h200v30h-200z" fill="none"/> <text x="10" y="150">hollow</text>
        </svg></article>"""
    )
    faint = [text.split(":")[0] for text in page.evaluate(FAINT_TEXT)]
    page.close()
    assert faint == ["grey", "thin", "dark"]


@pytest.mark.parametrize("look", [low_contrast, lambda page: find_violations(page, RULE)])
def test_faint_code_is_found(contexts, look):
    """Where a token stands decides too, though of those that are alike one is looked at."""
    page = contexts("wide", "light").new_page()
    page.set_content(
        """<style>.k { color: #444 } .hll { color: #fff; background: #555 }</style>
        <pre class="highlight">
        <span class="k">for</span> <span class="k">in</span> <span class="k">if</span>
        <span class="hll"><span class="k">def</span> <span class="k">lambda</span></span></pre>"""
    )
    [found] = look(page)
    page.close()
    assert "def" in found


# What is shown of neither text nor formulas nor figures, though it is not folded away.
LOST = """() => [
  ...document.querySelectorAll('article section > p, article .katex-html, article figure svg')]
  .filter((e) => !e.closest('details:not([open]), [hidden]'))
  .filter((e) => !e.checkVisibility({ visibilityProperty: true })
    || (e.matches('svg') && e.getBoundingClientRect().height <= 50))
  .map((e) => e.outerHTML.slice(0, 200))"""


@every_page
def test_without_javascript(visit, name):
    """Text, formulas and figures need no script."""
    page = visit(name, java_script_enabled=False).page
    assert page.evaluate(LOST) == []
    assert page.locator("#main-content h1:visible").count() >= 1
