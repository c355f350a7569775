"""Draw the cell into the assignments: each part's picture, with that part marked.

JupyterLab shows attachments that are PNG, and none that are SVG: Chromium makes one of the other.

A picture is an attachment of the Markdown cell that shows it, so that it goes wherever the
notebook goes. Run it when `PICTURES` or a drawing has changed, then `make exercises`.
"""

import base64
import io
from pathlib import Path

import nbformat
from browsing import chromium
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
NAME = "cell.png"
COLOURS = 32  # a picture has 5 kB with these, and 20 with all
# The hues of book/_static/quantities.css, and a dark one for what is no gate.
HUES = {"f": "#C2410C", "i": "#1E3A8A", "c_tilde": "#099268", "o": "#9333EA"}
DARK, PALE = "#1F2328", "#8B949E"

# By assignment and cell: which drawing, what is marked in it, and what to say in its place.
PICTURES = {
    "gates": {
        "about-forget-gate": ("cell", {"f"}, "The cell, its forget gate marked"),
        "about-input-gate": ("cell", {"i"}, "The cell, its input gate marked"),
        "about-candidate": ("cell", {"c_tilde"}, "The cell, its candidate marked"),
        "about-cell-state": ("cell", {"c"}, "The cell, the line of its memory marked"),
        "about-output-gate": ("cell", {"o"}, "The cell, its output gate marked"),
        "about-hidden-state": ("cell", {"h"}, "The cell, its way from memory to h marked"),
    },
    "cell": {
        "about-stack": ("cell", {"stack"}, "The cell, its stacked input marked"),
        "about-lstm-cell": ("cell", {*HUES, "stack", "c", "h"}, "The cell, all of it marked"),
        "about-lstm-forward": (
            "steps",
            {"h", "c"},
            "Three cells in a row: h and c go from one to the next",
        ),
    },
    "backward": {
        "about-cell-backward": (
            "cell",
            {"c", "h"},
            "The cell; gradients go back along all its lines",
        ),
        "about-lstm-backward": (
            "back",
            {"h", "c"},
            "Three cells in a row: gradients of h and c go back",
        ),
    },
    "gradient-flow": {
        "about-gradient_vs_lag": (
            "lag",
            {"h", "c"},
            "Three cells in a row: the gradient of the last h goes back",
        ),
        "about-init_forget_bias": ("cell", {"f", "c"}, "The cell, forget gate and memory marked"),
    },
    "recurrence": {
        "about-rnn-step": ("rnn", {"stack", "h"}, "The plain cell: h and x stacked, then tanh"),
    },
    "pytorch": {
        "about-to-state-dict": (
            "blocks",
            {"to", "l0"},
            "Four weights and biases of a layer, and the four arrays that PyTorch makes of them",
        ),
        "about-from-state-dict": (
            "blocks",
            {"l0"},
            "PyTorch's four arrays, and the four weights and biases that come out of them",
        ),
    },
    "voice": {
        "about-unpack_weights": (
            "blocks",
            set(),
            "PyTorch's four arrays, and the four weights and biases that come out of them",
        ),
        "about-listen": (
            "read p",
            {"h", "c"},
            "Three cells in a row: h and c go on to the next, p is read off each h",
        ),
    },
    "adding-problem": {
        "about-make-batch": ("marks", set(), "Eight numbers, two of them marked, and their sum"),
        "about-train": (
            "read last",
            {"h", "c"},
            "Three cells in a row: the answer is read off the last h alone",
        ),
    },
    "training": {
        "about-pad": (
            "padding",
            set(),
            "Sequences of different lengths, filled up, and their mask",
        ),
        "about-fit": (
            "read y",
            {"h", "c"},
            "Three cells in a row: h and c go on to the next, an answer is read off each h",
        ),
    },
}


def line(points, on, hue=DARK, tip=True):
    """Return a line through points, "x y x y …"."""
    numbers = points.split()
    path = "M" + "L".join(f"{x} {y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
    look = f'stroke="{hue if on else PALE}" stroke-width="{3 if on else 1.4}"'
    end = f' marker-end="url(#{"m" if on else "p"})"' if tip else ""
    return f'<path d="{path}" fill="none" {look}{end}/>'


def words(x, y, text, on, hue=DARK, size=15, anchor="middle"):
    """Return a label; what stands behind _ is lowered."""
    name, _, low = text.partition("_")
    low = f'<tspan dy="4" font-size="{size * 0.7:.0f}">{low}</tspan>' if low else ""
    colour = hue if on else "#57606A"
    weight = ' font-weight="bold"' if on else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
        f"{name}{low}</text>"
    )


def box(x, y, text, on, hue=DARK, width=44):
    """Return a box with a function in it, about a point."""
    look = f'fill="{hue if on else "#fff"}" fill-opacity="{0.15 if on else 1}"'
    look += f' stroke="{hue if on else PALE}" stroke-width="{3 if on else 1.4}"'
    frame = f'<rect x="{x - width / 2:g}" y="{y - 14}" width="{width}" height="28" rx="4" {look}/>'
    return frame + words(x, y + 5, text, on, hue)


def circle(x, y, text, on, hue=DARK):
    """Return an operation in a circle."""
    look = f'fill="#fff" stroke="{hue if on else PALE}" stroke-width="{3 if on else 1.4}"'
    return f'<circle cx="{x}" cy="{y}" r="11" {look}/>' + words(x, y + 5, text, on, hue)


def cell(marked):
    """Return the drawing of the cell."""

    def on(part):
        return part in marked

    parts = [
        words(26, 40, "c_t−1", on("c")),
        line("20 52 107 52", on("c")),
        line("131 52 248 52", on("c")),
        line("272 52 500 52", on("c")),
        words(496, 40, "c_t", on("c")),
        line("20 222 400 222", on("stack"), tip=False),
        words(26, 212, "h_t−1", on("stack")),
        words(70, 246, "x_t", on("stack")),
        line("70 232 70 224", on("stack"), tip=False),
        words(236, 244, "[h_t−1", on("stack"), anchor="end"),
        words(237, 244, ", x_t", on("stack"), anchor="start"),
        words(264, 244, "]", on("stack"), anchor="start"),
        line("400 52 400 87", on("h")),
        box(400, 103, "tanh", on("h"), width=50),
        line("425 103 447 103", on("h")),
        line("471 103 500 103", on("h")),
        words(494, 93, "h_t", on("h")),
    ]
    places = {"f": (120, "σ"), "i": (200, "σ"), "c_tilde": (280, "tanh"), "o": (400, "σ")}
    for part, (x, function) in places.items():
        hue, name = HUES[part], {"c_tilde": "c̃_t"}.get(part, f"{part}_t")
        parts += [line(f"{x} 222 {x} 190", on(part) or on("stack"), hue if on(part) else DARK)]
        parts += [box(x, 174, function, on(part), hue, width=50)]
        ways = {
            "f": "120 160 120 66",
            "i": "200 160 200 120 246 120",
            "c_tilde": "280 160 280 120 274 120",
            "o": "425 174 459 174 459 117",
        }
        parts += [line(ways[part], on(part), hue)]
        at = {"f": (137, 148), "i": (186, 148), "c_tilde": (298, 148), "o": (475, 166)}[part]
        parts += [words(*at, name, on(part), hue)]
    parts += [
        circle(120, 52, "×", on("f") or on("c"), HUES["f"] if on("f") else DARK),
        circle(260, 120, "×", on("i") or on("c_tilde") or on("c"), DARK),
        line("260 109 260 66", on("c")),
        circle(260, 52, "+", on("c")),
        circle(459, 103, "×", on("o") or on("h"), HUES["o"] if on("o") else DARK),
    ]
    return 520, 262, parts


def chain(marked, back, seen=(0, 1, 2), read=""):
    """Return the drawing of three cells in a row, forwards or backwards.

    `seen` are those that the loss looks at; `read` is what is read off each of their h.
    """
    hue = "#B4235A"  # of gradients, and of no gate
    parts = []
    for k in range(3):
        x = 110 + 150 * k
        parts.append(box(x, 80, "LSTM", True, width=70))
        parts.append(line(f"{x} 150 {x} 97", False))
        parts.append(words(x, 168, f"x_{k + 1}", False))
        if k in seen:
            end = (
                f"{x + 20} 12 {x + 20} 63" if back else f"{x + 20} 66 {x + 20} {25 if read else 16}"
            )
            parts.append(line(end, back, hue))
            name = f"{'δ' if back else ''}h_{k + 1}"
            parts.append(words(x + 36, 58 if read else 22, name, back, hue, anchor="start"))
        if k in seen and read:
            parts += [box(x + 20, 8, "readout", True, width=84)]
            parts += [line(f"{x + 20} -6 {x + 20} -34", True)]
            name = f"{read}_{k + 1}" if len(seen) > 1 else read
            parts += [words(x + 36, -26, name, True, anchor="start")]
    for k in range(4):
        left, right = (20, 72) if k == 0 else (147 + 150 * (k - 1), 222 + 150 * (k - 1))
        for y, name in ((72, "c"), (90, "h")):
            if back:
                parts.append(line(f"{right} {y} {left + 4} {y}", name in marked, hue))
            else:
                parts.append(line(f"{left} {y} {right} {y}", name in marked))
            label = f"{'δ' if back else ''}{name}_{k}"
            above = y - 6 if name == "c" else y + 17
            parts.append(words((left + right) / 2, above, label, True, size=13))
    if read:
        parts = ['<g transform="translate(0 46)">', *parts, "</g>"]
    return 530, 224 if read else 178, parts


def rnn(marked):
    """Return the drawing of the plain cell."""
    parts = [
        words(30, 62, "h_t−1", True),
        line("52 58 118 58", True, tip=False),
        words(118, 128, "x_t", True),
        line("118 112 118 58 160 58", True),
        words(140, 46, "", True),
        box(206, 58, "W · + b", True, width=84),
        words(128, 46, "[h, x]", True, size=13),
        line("248 58 280 58", True),
        box(308, 58, "tanh", True, width=50),
        line("333 58 420 58", True),
        words(440, 62, "h_t", True),
        line("370 58 370 18 30 18 30 44", False),
        words(200, 13, "and again at the next step", False, size=12),
    ]
    return 470, 138, parts


def code(x, y, text):
    """Return a name as it stands in code."""
    look = f'font-family="monospace" font-style="normal" font-size="12" fill="{DARK}"'
    return f'<text x="{x}" y="{y}" text-anchor="middle" {look}>{text}</text>'


def number(x, y, text, on=True, width=34, hue=DARK):
    """Return a place of an array, about a point, with what it holds; filled if it is `on`."""
    look = f'fill="{hue if on else "#fff"}" fill-opacity="{0.15 if on else 1}" stroke="{PALE}"'
    frame = f'<rect x="{x - width / 2:g}" y="{y - 12}" width="{width}" height="24" {look}/>'
    return frame + words(x, y + 5, text, False, size=13)


def blocks(marked):
    """Return the drawing of our arrays, of four gates each, and those of PyTorch.

    Which of PyTorch's blocks is whose is for students to say.
    """
    parts = [words(64, 26, "h", True), words(101, 26, "x", True)]
    for k, (gate, hue) in enumerate(HUES.items()):
        y, name = 50 + 34 * k, gate[0]
        parts += [
            words(22, y + 5, f"W_{name}", True, hue),
            words(152, y + 5, f"b_{name}", True, hue),
        ]
        parts += [number(64, y, "", width=40, hue=hue), number(101, y, "", width=34, hue=hue)]
        parts += [number(178, y, "", width=14, hue=hue)]
    parts += [line("206 101 258 101" if "to" in marked else "258 101 206 101", True)]
    layer = "_l0" if "l0" in marked else ""
    arrays = {
        "weight_hh": (306, 40),
        "weight_ih": (410, 34),
        "bias_ih": (506, 14),
        "bias_hh": (596, 14),
    }
    for name, (x, width) in arrays.items():
        empty = "to" in marked and name == "bias_hh"
        for k in range(4):
            sign = "0" if empty else "?" if width > 14 else ""
            parts += [number(x, 65 + 24 * k, sign, not empty, width)]
        parts += [code(x, 172, name + layer)]
    parts += [words(306, 42, "h", True), words(410, 42, "x", True), words(551, 106, "+", True)]
    return 650, 186, parts


def marks(_):
    """Return the drawing of an example of the adding problem."""
    numbers, marked = [0.3, 0.8, 0.1, 0.5, 0.9, 0.2, 0.7, 0.4], (1, 6)
    parts = [
        words(66, y, text, False, size=13, anchor="end")
        for y, text in ((25, "step"), (55, "number"), (83, "mark"))
    ]
    for t, drawn in enumerate(numbers):
        x = 96 + 40 * t
        parts += [words(x, 25, f"{t}", False, size=13), number(x, 50, f"{drawn}", t in marked)]
        parts += [number(x, 78, f"{int(t in marked)}", t in marked)]
    parts += ['<path d="M236 12V100" stroke-dasharray="4 4" stroke="#8B949E"/>']
    parts += [words(420, 70, "y = 0.8 + 0.7 = 1.5", True, anchor="start")]
    return 596, 108, parts


def padding(_):
    """Return the drawing of three sequences, filled up, and their mask."""
    lengths = {"a": 5, "b": 2, "c": 3}
    parts = [words(98, 22, "three sequences", False, size=13)]
    parts += [words(334, 22, "x", True), words(498, 22, "mask", True)]
    parts += [line("206 98 256 98", True)]
    for k, (name, n) in enumerate(lengths.items()):
        parts += [number(26 + 36 * t, 58 + 40 * k, f"{name}_{t}") for t in range(n)]
        for t in range(5):
            real = t < n
            parts += [number(298 + 36 * k, 46 + 26 * t, f"{name}_{t}" if real else "0", real)]
            parts += [number(450 + 48 * k, 46 + 26 * t, str(real), real, width=46)]
    return 590, 172, parts


DRAWINGS = {
    "cell": cell,
    "rnn": rnn,
    "steps": lambda marked: chain(marked, False),
    "back": lambda marked: chain(marked, True),
    "lag": lambda marked: chain(marked, True, seen=(2,)),
    "read p": lambda marked: chain(marked, False, read="p"),
    "read y": lambda marked: chain(marked, False, read="y"),
    "read last": lambda marked: chain(marked, False, seen=(2,), read="y"),
    "blocks": blocks,
    "marks": marks,
    "padding": padding,
}


def svg(drawing, marked, says):
    """Return a drawing as SVG, on white: notebooks can be dark."""
    width, height, parts = DRAWINGS[drawing](marked)
    tips = "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="{size}" '
        f'markerHeight="{size}" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" '
        f'fill="context-stroke"/></marker>'
        for name, size in (("m", 4), ("p", 6))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="serif" font-style="italic">'
        f"<title>{says}</title>"
        f'<defs>{tips}</defs><rect width="100%" height="100%" rx="8" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def png(page, drawing):
    """Return a drawing as PNG, in base64."""
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{drawing}")
    shot = page.locator("svg").screenshot(omit_background=True)
    small = io.BytesIO()
    Image.open(io.BytesIO(shot)).quantize(COLOURS).save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def main(page):
    """Put each picture behind the heading of its cell."""
    for slug, pictures in PICTURES.items():
        path = ROOT / "solutions" / slug / f"{slug}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for found in notebook.cells:
            if found.id not in pictures:
                continue
            drawing, marked, says = pictures[found.id]
            found.attachments = {NAME: {"image/png": png(page, svg(drawing, marked, says))}}
            shown = f"![{says}.](attachment:{NAME})"
            if "](attachment:" not in found.source:
                heading, _, text = found.source.partition("\n\n")
                found.source = f"{heading}\n\n{shown}\n\n{text}"
        nbformat.write(notebook, path)


if __name__ == "__main__":
    with chromium() as browser:
        main(browser.new_page(device_scale_factor=1.25))
