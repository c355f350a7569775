"""The playground is accessible, legible and light, on a phone and in the dark."""

import gzip
import itertools
import re
from pathlib import Path

import pytest

AXE = Path(__file__).parents[3] / "node_modules/axe-core/axe.min.js"

PRESETS = ["remember", "forget", "overwrite", "statquest-a", "statquest-b"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EXTREME = """() => {
    const low = [-6, -6, -6], high = [6, 6, 6], params =
        {f: high, i: high, c_tilde: low, o: high, start: [1, 3], inputs: [2]};
    cell.set(params); steps.set({...params, start: [-1, -3], inputs: [-2, 2, -2, 2]}) }"""

# The worst contrast of a text, and of a line, with whatever lies behind it, by WCAG 2.2.
CONTRAST = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const luminance = (color) => {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const fill = (selector) => getComputedStyle(document.querySelector(selector)).fill;
    const ratio = (a, b) => {
        const [dark, light] = [luminance(a), luminance(b)].sort((p, q) => p - q);
        return (light + 0.05) / (dark + 0.05);
    };
    const behind = [".body", ".node", ".level"].map(fill);
    const texts = new Set([...document.querySelectorAll("svg text, svg tspan")]
        .map(text => getComputedStyle(text).fill));
    const lines = ["rnn :last-child", "lstm :first-child"].map(
        line => getComputedStyle(document.querySelector("." + line)).stroke);
    return {
        text: Math.min(...[...texts].flatMap(text => behind.map(color => ratio(text, color)))),
        line: Math.min(...lines.flatMap(
            line => behind.slice(0, 2).map(color => ratio(line, color)))),
    } }"""

OVERLAPS = """root => {
    const shown = [...root.querySelectorAll("svg")].find(svg => svg.checkVisibility());
    const box = shown.getBoundingClientRect();
    const texts = [...shown.querySelectorAll("text")].map(text => [text.textContent,
        text.getBoundingClientRect()]);
    const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1
        || a.bottom <= b.top + 6 || b.bottom <= a.top + 6;  // line boxes are taller than letters
    const faults = texts.filter(([, t]) => t.left < box.left - 1 || t.right > box.right + 1
        || t.top < box.top - 1 || t.bottom > box.bottom + 4).map(([text]) => "outside: " + text);
    texts.forEach(([a, p], k) => texts.slice(k + 1).forEach(([b, q]) => {
        if (!apart(p, q)) faults.push(`${a} on ${b}`);
    }));
    return faults }"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_demo, width, theme):
    page = open_demo(width, theme)
    for summary in page.locator("summary").all():
        summary.press("Enter")
    page.add_script_tag(path=AXE)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules, preload: false})", RULES)
    assert len(result["passes"]) > 20
    assert [(v["id"], v["nodes"][0]["html"]) for v in result["violations"]] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_lines_in_the_drawings_have_contrast(open_demo, theme):
    contrast = open_demo(theme=theme).evaluate(CONTRAST)
    assert contrast["text"] >= 4.5
    assert contrast["line"] >= 3


@pytest.mark.parametrize("width", [1280, 600, 390, 320])
def test_nothing_overflows_or_overlaps(open_demo, width):
    page = open_demo(width)
    for summary in page.locator("summary").all():
        summary.press("Enter")
    for preset, root in itertools.product([*PRESETS, None], ["#cell", "#steps"]):
        if preset:
            page.locator(f"{root} select").select_option(preset)
        else:
            page.evaluate(EXTREME)
        for _ in range(3 if root == "#steps" else 0):
            page.locator("#steps [name=forward]").press("Enter")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.locator(root).evaluate(OVERLAPS) == [], (preset, root)
    assert page.locator("#lag").evaluate(OVERLAPS) == []


@pytest.mark.parametrize(("width", "layout"), [(1280, "wide"), (390, "tall")])
def test_one_layout_is_shown(open_demo, width, layout):
    page = open_demo(width)
    for root in ("#cell", "#steps", "#lag"):
        shown = page.locator(f"{root} .diagram > svg").filter(visible=True)
        assert shown.count() == 1
        assert shown.get_attribute("class") == layout


def test_touch_targets_are_large_enough(open_demo):
    page = open_demo(390)
    for summary in page.locator("summary").all():
        summary.press("Enter")
    controls = page.locator("main :is(input, button, select, summary)").all()
    assert len(controls) == 3 + 2 * (1 + 4 + 12) + 4 + 2
    for control in controls:
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_sign_and_size_are_drawn_without_colour(open_demo):
    page = open_demo()
    page.evaluate(EXTREME)
    flows = {
        flow.get_attribute("data-flow"): flow
        for flow in page.locator("#cell svg.wide [data-flow]").all()
    }
    values = page.evaluate("cell.state.trace[0]")
    assert values["c_tilde"] < 0 < values["f"]
    for key, flow in flows.items():
        dash = flow.locator("path").first.evaluate("e => getComputedStyle(e).strokeDasharray")
        assert (dash != "none") == (values[key] < 0), key
        assert float(flow.get_attribute("stroke-width")) == pytest.approx(
            1 + min(4 * abs(values[key]), 10)
        )


def test_every_control_has_a_name(open_demo):
    page = open_demo()
    for summary in page.locator("#cell summary").all():
        summary.press("Enter")
    assert page.locator("#cell").get_by_role("slider", name="Hidden state ht−1").count() == 1
    for gate in ("Forget gate", "Input gate", "Candidate", "Output gate"):
        group = page.locator("#cell").get_by_role("group", name=gate, exact=True)
        for name in ("Weight on ht−1", "Weight on xt", "Bias"):
            assert group.get_by_role("slider", name=name, exact=True).count() == 1
    assert page.locator("#steps").get_by_role("table", name="The cell at each step").count() == 1
    assert page.get_by_role("slider", name="tanh RNN, spectral radius ρ", exact=True).count() == 1


def test_without_javascript_the_fallback_is_read(open_demo):
    page = open_demo(java_script_enabled=False)
    for root in ("lstm-cell#cell", "lstm-cell#steps", "gradient-lag"):
        assert page.locator(f"{root} p").is_visible()
        assert page.locator(root).inner_text().startswith("With JavaScript")


def test_print_shows_the_state_without_the_controls(open_demo):
    page = open_demo()
    page.emulate_media(media="print")
    assert page.locator("#cell svg.wide").is_visible()
    assert page.locator("#cell [aria-live]").is_visible()
    assert page.locator("#steps table").is_visible()
    assert not page.locator("#steps [name=play]").is_visible()
    assert not page.locator("#cell summary").first.is_visible()


def test_element_survives_being_moved(open_demo):
    page = open_demo()
    page.locator('#cell [name="start.1"]').press("End")
    page.evaluate("document.querySelector('main').append(cell)")
    page.locator('#cell [name="start.1"]').press("ArrowLeft")
    assert page.evaluate("cell.state.params.start[1]") == pytest.approx(2.99)


def size(static, *names):
    return sum(len(gzip.compress((static / name).read_bytes(), 9)) for name in names)


def test_files_are_small(static):
    assert size(static, "lstm-cell.js", "playground.css") <= 6 * 1024
    assert size(static, "gradient-lag.js", "gradient-lag.css") <= 2 * 1024


def test_no_code_from_strings_and_nothing_from_elsewhere(static):
    for name in ("lstm-cell.js", "gradient-lag.js", "playground.css", "gradient-lag.css"):
        text = (static / name).read_text()
        assert not re.search(r"\beval\b|new Function|\son\w+=|https?:|@import|import\(", text)
        assert len(text.splitlines()) < 400
