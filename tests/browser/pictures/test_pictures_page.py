"""The pictures one can touch are accessible, legible and light, on a phone and in the dark."""

import gzip
import re

import pytest

NAMES = ["lstm-stream", "lstm-cell#cell", "lstm-back", "lstm-learn", "gradient-lag", "lstm-listen"]
STORIES = ["remember", "full-stop", "sum", "fade"]
EXTREMES = """low => {
    const row = low ? [-9, -9, -9, -9] : [9, 9, 9, 9];
    const rows = {f: row, i: row, c_tilde: row, o: row};
    cell.change({...rows, start: low ? [-9, -9] : [9, 9]}); companies.change(rows);
    stream.set(low ? 0 : 1); back.set({bias: low ? -4 : 6}) }"""

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
    const style = (selector, what) => getComputedStyle(document.querySelector(selector))[what];
    const ratio = (a, b) => {
        const [dark, light] = [luminance(a), luminance(b)].sort((p, q) => p - q);
        return (light + 0.05) / (dark + 0.05);
    };
    const behind = [style("#cell .body", "fill"), style("#cell .node", "fill")];
    const texts = new Set([...document.querySelectorAll("svg text, svg tspan")]
        .map(text => getComputedStyle(text).fill));
    const lines = [".gate .box", ".wire.q-i path", ".wire.q-o path", ".wire.q-c path"].map(
        line => style("#cell " + line, "stroke"));
    lines.push(style("#back .back path", "stroke"), style("#learn .k-rnn", "stroke"));
    // A gate's fill shows its value against the empty part of its box.
    const fills = ["f", "i", "c_tilde", "o"].map((key) => style(`#cell .q-${key} .level`, "fill"));
    return {
        text: Math.min(...[...texts].flatMap(text => behind.map(color => ratio(text, color)))),
        line: Math.min(...[...lines, ...fills].map(line => ratio(line, behind[1]))),
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


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_demo, violations, width):
    page = open_demo(width)
    for summary in page.locator("summary").all():
        summary.press("Enter")
    assert violations(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert violations(page, "color-contrast") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_lines_in_the_drawings_have_contrast(open_demo, theme):
    contrast = open_demo(theme=theme).evaluate(CONTRAST)
    assert contrast["text"] >= 4.5
    assert contrast["line"] >= 3


@pytest.mark.parametrize("width", [1280, 600, 390, 320])
def test_nothing_overflows_or_overlaps(open_demo, width):
    page = open_demo(width, reduced_motion="reduce")
    for summary in page.locator("summary").all():
        summary.press("Enter")
    page.locator("#learn [name=step]").click()
    for state in (*STORIES, True, False):
        if isinstance(state, bool):
            page.evaluate(EXTREMES, state)
        else:
            page.locator(f"#cell [data-story={state}]").click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for root in ("#cell .diagram", "#companies .diagram", "#stream", "#back"):
            assert page.locator(root).evaluate(OVERLAPS) == [], (state, root)
    for root in ("#lag", "#listen"):
        assert page.locator(root).evaluate(OVERLAPS) == []


@pytest.mark.parametrize(("width", "layout"), [(1280, "wide"), (390, "tall")])
def test_one_layout_is_shown(open_demo, width, layout):
    page = open_demo(width)
    drawn = ("cell .diagram", "stream .stream", "back .diagram", "lag .diagram", "listen .strips")
    for root in map("#{}".format, drawn):
        shown = page.locator(f"{root} > svg").filter(visible=True)
        assert shown.count() == 1
        assert shown.get_attribute("class") == layout


def test_on_a_phone_the_cell_and_what_it_does_are_seen_together(open_demo):
    page = open_demo(390)
    for root, first, last in (("#cell", ".diagram", ".said"), ("#stream", ".stream", ".said")):
        top = page.locator(f"{root} {first}").bounding_box()
        bottom = page.locator(f"{root} {last}").bounding_box()
        assert bottom["y"] + bottom["height"] - top["y"] < 844 - 100


def test_touch_targets_are_large_enough(open_demo):
    page = open_demo(390)
    for summary in page.locator("summary").all():
        summary.press("Enter")
    controls = page.locator(
        "main :is(input, button, select, summary, [role=slider], [role=button])"
    )
    shown = [control for control in controls.all() if control.is_visible()]
    assert len(shown) > 40
    for control in shown:
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24, control.evaluate("e => e.outerHTML")


def test_sign_is_drawn_without_colour(open_demo):
    page = open_demo()
    page.evaluate(EXTREMES, True)
    values = page.evaluate("cell.trace[cell.state.t - 1]")
    wires = page.locator("#cell .diagram svg.wide .wire")
    signs = wires.evaluate_all(
        """wires => wires.map(wire => {
          const head = getComputedStyle(wire.querySelector(".head"));
          return [wire.dataset.key, head.fill !== head.stroke] })"""
    )
    assert {key for key, _ in signs} >= {"c_t", "h_t", "kept", "written", "z_f"}
    assert [(key, values[key] < 0) for key, _ in signs] == [(key, hollow) for key, hollow in signs]


def test_gates_have_a_dash_each(open_demo):
    page = open_demo()
    dashes = [
        page.locator(f"#cell svg.wide .wire.q-{key} path").first.evaluate(
            "e => getComputedStyle(e).strokeDasharray"
        )
        for key in ("f", "i", "c_tilde", "o")
    ]
    assert len(set(dashes)) == 4


def test_every_control_has_a_name(open_demo):
    page = open_demo()
    for summary in page.locator("#cell summary").all():
        summary.press("Enter")
    for gate in ("Forget gate", "Input gate", "Candidate", "Output gate"):
        assert page.locator("#cell").get_by_role("slider", name=gate, exact=True).count() == 1
        bias = page.locator("#cell").get_by_role("spinbutton", name=f"{gate}, bias", exact=True)
        assert bias.count() == 1
    assert page.locator("#cell").get_by_role("slider", name="Step", exact=True).count() == 1
    assert page.locator("#stream").get_by_role("slider", name="Forget gate").count() == 1
    loss = page.locator("#back").get_by_role("button", name="Put the loss here, at step 3")
    assert loss.count() == 1
    assert page.get_by_role("slider", name="LSTM, forget bias bf", exact=True).count() == 1


def test_without_javascript_the_fallback_is_read(open_demo):
    page = open_demo(java_script_enabled=False)
    for root in NAMES:
        assert page.locator(f"{root} p").first.is_visible()
        assert page.locator(root).inner_text().startswith("With JavaScript")


def test_print_shows_the_state_without_the_controls(open_demo):
    page = open_demo()
    page.emulate_media(media="print")
    assert page.locator("#cell svg.wide").first.is_visible()
    assert page.locator("#cell .said").is_visible()
    assert not page.locator("#cell [data-do=play]").is_visible()
    assert not page.locator("#stream button").is_visible()


def test_elements_survive_being_moved(open_demo):
    page = open_demo()
    page.locator('#cell .wide [data-gate="f"]').press("Home")
    page.evaluate("document.querySelector('main').append(cell, stream, back)")
    assert page.evaluate("cell.trace[cell.state.t - 1].f") == pytest.approx(0.001)
    page.locator('#cell .wide [data-gate="f"]').press("ArrowUp")
    assert page.evaluate("cell.trace[cell.state.t - 1].f") == pytest.approx(0.021)


@pytest.mark.figure
def test_all_pictures_together_are_small(static, tell):
    scripts = [*static.glob("lstm*.js"), static / "gradient-lag.js"]
    assert len(scripts) == 12
    weight = sum(len(gzip.compress(path.read_bytes(), 9)) for path in scripts)
    tell(f"scripts of all pictures: {weight / 1024:.1f} KiB gzipped")
    assert weight < 60 * 1024


def test_no_code_from_strings_and_nothing_from_elsewhere(static):
    for path in [*static.glob("lstm*.*s*"), static / "gradient-lag.js", static / "pictures.css"]:
        text = path.read_text("utf-8")
        assert not re.search(r"\beval\b|new Function|\son\w+=|https?:|@import|import\(", text)
        assert len(text.splitlines()) < 400
