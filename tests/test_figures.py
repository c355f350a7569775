"""The book's figures follow the theme, can be told apart, and are the same every time."""

import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from lstm_book import STYLES, projector, show, to_svg
from lstm_book.style import COLOURS, SERIES

ROOT = Path(__file__).parent.parent
PAGES = {"light": "#ffffff", "dark": "#121212"}  # of sphinx-book-theme
DRAW = """
from lstm_book import STYLES, to_svg
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
for k, (name, style) in enumerate(STYLES.items()):
    ax.plot([0, 1, 2], [k, 0, k / 2], label=f"${name[0]}_t$", **style)
ax.fill_between([0, 1], 0, 1, facecolor="white", edgecolor="black")
ax.imshow([[0, 1]])
ax.set_title("A title & more")
ax.legend()
svg = to_svg(fig, "a-figure", alt='"quoted" <b> & more')
plt.close(fig)
"""


@pytest.fixture(scope="module")
def svg():
    names = {}
    exec(DRAW, names)
    return names["svg"]


def test_well_formed_and_described(svg):
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("aria-label") == '"quoted" <b> & more'


def test_colours_follow_the_theme(svg):
    styles = " ".join(e.get("style", "") for e in ET.fromstring(svg).iter())
    assert not re.search(r"#000\b|#000000|#fff\b|#ffffff|\b(black|white)\b", svg)
    assert "stroke: currentColor" in styles
    assert "fill: var(--pst-color-background" in styles
    assert ET.fromstring(svg).get("fill") == "currentColor"  # text without a colour of its own


def test_text_stays_text_in_the_font_of_the_page(svg):
    text = ["".join(e.itertext()).strip() for e in ET.fromstring(svg).iter() if "text" in e.tag]
    assert "A title & more" in text
    assert "font-family" not in svg


def test_nothing_reaches_beyond_the_figure(svg):
    assert "<style" not in svg
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("a-figure-") for name in ids)
    targets = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg)
    assert {a or b for a, b in targets} <= set(ids)
    assert "data:image/png" in svg


def test_same_bytes_in_another_process(svg):
    script = DRAW + "import sys; sys.stdout.write(svg)"
    command = [sys.executable, "-c", script]
    other = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert other == svg


@pytest.mark.parametrize(
    ("name", "alt"), [("Gate trace", "x"), ("", "x"), ("gate", ""), ("gate", " \n")]
)
def test_name_and_alt_are_required(name, alt):
    fig = plt.figure()
    with pytest.raises(ValueError, match=r"^(name|alt): expected"):
        to_svg(fig, name, alt)
    plt.close(fig)


def test_a_slide_gets_panels_side_by_side_and_large_letters():
    fig, axes = plt.subplots(2, 1, sharex=True, figsize=(4.8, 4.6))
    for ax, name in zip(axes, ("loss", "size of the state"), strict=True):
        ax.plot([0, 1], label=name)
        ax.set_ylabel(name)
    axes[0].set_title("a stream")
    axes[1].set_xlabel("step")
    axes[0].text(0, 0, "small", size=6)
    fig.legend(loc="outside upper center", ncols=1)
    projector.for_slide(fig)
    fig.draw_without_rendering()
    assert [ax.get_xlabel() for ax in axes] == ["step", "step"]
    assert [ax.get_title() for ax in axes] == ["a stream", "a stream"]
    left, right = (ax.get_position() for ax in axes)
    assert left.y0 == pytest.approx(right.y0)
    assert left.x1 < right.x0
    assert min(text.get_fontsize() for text in fig.findobj(Text)) >= 10
    assert [t.get_text() for t in fig.legends[0].get_texts()] == ["loss", "size of the state"]
    plt.close(fig)


def stacked(panels, legend=False):
    """Draw panels that stand one above the other, with titles, and letters for ticks."""
    fig, axes = plt.subplots(panels, 1, sharex=True, figsize=(4.8, 6.2))
    for k, ax in enumerate(axes):
        for name in "fio" if legend and k == 1 else "c":
            ax.plot(range(45), label=f"{name}, mean of all", **STYLES[name] | {"marker": ""})
        ax.set_title(f"panel {k}: a memory", loc="left", fontsize=9)
        ax.set_ylabel("value")
    if legend:
        axes[1].legend(ncols=3, fontsize=6)
    axes[-1].set_xticks(range(45), list("a memory ") * 5, fontsize=6)
    return fig


def one_panel():
    """Draw what gets finer ticks on a slide, with longer labels, than on the page."""
    fig, ax = plt.subplots()
    ax.plot(range(2, 11), np.linspace(2.2, 3.5, 9))
    ax.set(ylim=(2, 3.6), xlabel="characters counted together", ylabel="bits a character")
    ax.set_xticks(range(2, 11, 1))
    return fig


def square():
    """Draw two by two panels whose titles are wider than a fourth of a slide."""
    fig, axes = plt.subplots(2, 2, sharex="row", sharey="row", figsize=(4.8, 4.6))
    for ax in axes.flat:
        ax.set(title="adding, the default", xlabel="training step", xlim=(0, 300_000))
    axes[0, 0].set_ylabel("loss")
    return fig


@pytest.mark.parametrize(
    "draw",
    [
        lambda: stacked(2),
        lambda: stacked(3),
        lambda: stacked(4, legend=True),
        lambda: stacked(5),
        one_panel,
        square,
    ],
    ids=["two", "three", "four, a legend", "five", "one", "two by two"],
)
def test_on_a_slide_nothing_collides(draw):
    fig = draw()
    to_svg(fig, "on-the-page", "The layout of the page is made before that of the slide.")
    projector.for_slide(fig)
    fig.draw_without_rendering()
    shown = [
        text
        for text in fig.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text.axes in (None, *fig.axes)
    ]
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown]
    width, height = fig.bbox.size
    for text, box in boxes:
        assert -1 < box.x0 < box.x1 < width + 1, text
        assert -1 < box.y0 < box.y1 < height + 1, text
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        assert not a.padded(-1).overlaps(b.padded(-1)), f"{one!r} over {other!r}"
    panels = [ax.get_window_extent() for ax in fig.axes]
    assert min(box.width for box in panels) > 0.12 * width
    assert not any(a.overlaps(b) for a, b in itertools.combinations(panels, 2))
    plt.close(fig)


def test_show_displays_once_under_its_name(monkeypatch):
    shown = []
    monkeypatch.setattr("lstm_book.svg.display", lambda *a, **k: shown.append((a, k)))
    fig, _ = plt.subplots()
    show(fig, "a-figure", alt="An empty plot.")
    assert not plt.fignum_exists(fig.number)
    [((bundle,), options)] = shown
    assert bundle["text/html"].startswith("<svg")
    assert 'viewBox="0 0 424.8 198"' in bundle["image/svg+xml"]  # what a slide takes
    assert options["metadata"]["scrapbook"]["name"] == "a-figure"


def _linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _luminance(color):
    return _linear(color) @ [0.2126, 0.7152, 0.0722]


HUES = {
    page: {name: colours[k] for name, colours in COLOURS.items()}
    for k, page in enumerate(PAGES, start=1)
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", COLOURS)
def test_contrast_on_the_page(name, page):
    """3:1, as WCAG 2.1 (1.4.11) asks for graphical objects."""
    low, high = sorted([_luminance(HUES[page][name]), _luminance(PAGES[page])])
    assert (high + 0.05) / (low + 0.05) >= 3


def test_the_pages_have_the_same_colours():
    css = (ROOT / "book/_static/quantities.css").read_text("utf8")
    there = re.findall(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\);", css)
    assert sorted(there) == sorted(COLOURS.values())


def test_a_quantity_keeps_its_colour_on_a_dark_page(svg):
    styles = " ".join(e.get("style", "") for e in ET.fromstring(svg).iter())
    for name in "f", "i", "c_tilde", "o", "gradient":
        variable, light, _ = COLOURS[name]
        assert f"stroke: var({variable}, {light})" in styles
        assert light not in styles.replace(f"var({variable}, {light})", "")


# Full dichromacy in linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model
# for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def _lab(color, vision):
    seen = np.clip(np.array(VISION[vision]) @ _linear(color), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ seen / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("pair", list(itertools.combinations(COLOURS, 2)), ids="-".join)
def test_hues_differ_for_every_reader(pair, page, vision):
    a, b = (_lab(HUES[page][name], vision) for name in pair)
    assert np.linalg.norm(a - b) >= 20  # ΔE; about 2 is just noticeable


@pytest.mark.parametrize("looks", [list(STYLES.values()), SERIES], ids=["quantities", "series"])
def test_no_colour_is_needed(looks):
    plain = [(str(look["linestyle"]), look["marker"]) for look in looks]
    assert len(set(plain)) == len(plain)


@pytest.mark.parametrize("page", sorted((ROOT / "book").glob("*.md")), ids=lambda p: p.stem)
def test_every_figure_of_a_page_appears_once(page):
    """A cell that shows a figure hides its own output, and one directive places the figure."""
    text = page.read_text("utf8")
    cells = re.findall(r"```\{code-cell\}.*?\n```", text, flags=re.DOTALL)
    shown = []
    for cell in cells:
        names = re.findall(r'^show\(.*?"([a-z0-9-]+)"', cell, flags=re.MULTILINE)
        assert not names or "remove-output" in cell
        shown += names
    assert sorted(re.findall(r"\{glue:figure\} (\S+)", text)) == sorted(shown)
