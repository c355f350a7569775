"""Every page, wide and on a phone, light and dark: quiet, light, whole, and open to everyone."""

import pytest

from contents import pages

HEAVIEST = 200 * 1024  # bytes of a page with all it loads before a click
INDEX = 200 * 1024  # the search page has it, too


every_page = pytest.mark.parametrize("name", pages())
both_widths = pytest.mark.parametrize("width", ["wide", "phone"])

# Text in figures whose contrast with what lies behind it is too low. axe does not look at SVG.
FAINT_TEXT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => { // the canvas knows every way to write a colour
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], a: a / 255 };
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
  const faint = [];
  for (const text of document.querySelectorAll('article svg text')) {
    if (!text.textContent.trim() || !text.checkVisibility()) continue;
    text.scrollIntoView({ block: 'center', inline: 'center' });
    const box = text.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    let [under, covered] = [[], false];
    for (const element of document.elementsFromPoint(x, y)) {
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


@every_page
@both_widths
def test_page(visit, built_book, name, width):
    """A phone opens it dark, a wide screen light; then the reader's system changes to the other."""
    first, second = ["dark", "light"] if width == "phone" else ["light", "dark"]
    visited = visit(name, width, first)
    page = visited.page
    elsewhere = [url for url in visited.requests if not url.startswith(built_book.as_uri())]
    assert elsewhere == []
    assert visited.weight() <= HEAVIEST + (INDEX if name == "search.html" else 0)
    assert page.evaluate(RAW_FORMULAS) == []
    formulas = page.locator("article .math")
    assert formulas.count() == page.locator("article .math .katex-html").count()
    for scheme, rules in (first, []), (second, ["color-contrast"]):
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-theme={scheme}]").wait_for()
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) == 0
        assert page.evaluate(FAINT_TEXT) == []
        assert visited.violations(*rules) == []
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


def test_faint_code_is_found(contexts, violations):
    """Where a token stands decides too, though of those that are alike one is looked at."""
    page = contexts("wide", "light").new_page()
    page.set_content(
        """<style>.k { color: #444 } .hll { color: #fff; background: #555 }</style>
        <pre class="highlight">
        <span class="k">for</span> <span class="k">in</span> <span class="k">if</span>
        <span class="hll"><span class="k">def</span> <span class="k">lambda</span></span></pre>"""
    )
    [found] = violations(page, "color-contrast")
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
