"""What unfolds below a message: a picture of wrong values, a longer hint, the book's formula.

A notebook shows it below the message, the hint folded; a terminal gets text, from the second
failure of a kind on. Where work is graded, nothing of it is made: there is the message alone.
"""

import html
import os
import re
import sys
import textwrap

import numpy as np

from lstm_check.formulas import FORMULAS
from lstm_check.hints import HINTS

# The pages of the book that checks name.
PAGES = {
    "Sequences": "sequences",
    "Vanishing gradients": "vanishing-gradients",
    "The gates": "gates",
    "The cell": "cell",
    "Unrolling in time": "unrolling",
    "Gradient flow": "gradient-flow",
    "Training": "training",
    "nn.LSTM opened up": "pytorch",
    "Practice: train it with PyTorch": "practice",
    "A voice": "voice",
}

# What a check says before it has looked at values: a hint on these is of no use.
_NOTHING = ("not written", "not a function", "import", "stopped", "interrupted")
_ROWS, _COLUMNS = 6, 8  # of an array that is larger, those around its worst value are shown
_STYLE = {
    "": "margin:.4em 0 1em;max-width:46em",
    "table": "display:inline-table;border-collapse:collapse;margin:0 1.2em .5em 0;font-size:90%",
    "caption": "text-align:left;caption-side:top;padding:0 0 .2em;white-space:nowrap;color:inherit",
    "tr": "background:none",
    "td": "padding:.15em .45em;min-width:2.4em;text-align:right;font-variant-numeric:tabular-nums",
    "worst": ";outline:2px solid;outline-offset:-2px;font-weight:bold",
    "code": "white-space:nowrap",
    "pre": "margin:.6em 0;padding-left:1.5em;font-size:90%;white-space:pre;overflow-x:auto",
    "formula": "margin:.6em 0;white-space:pre-wrap;line-height:1.7",
    "mark": "background:rgba(234,179,8,.35);color:inherit;padding:.1em .15em;border-radius:.2em",
}


class More:
    """What is said below the message of an error.

    Parameters
    ----------
    error : CheckError
    times : int
        How often this has failed in this way by now.
    section : Section
        Where to read, if no section that the error names has a hint.
    """

    def __init__(self, error, times, section):
        self.error, self.waits = error, False
        self.sections = re.findall(r'"(.*?)" in ([^";]+)', error.section)
        times = 1 if error.mistake in _NOTHING else times
        formula = FORMULAS.get(error.function, "").strip()
        keys = [error.mistake, error.function, *(title for title, _ in self.sections)]
        if error.mistake == "shape" and "[h_{t-1}, x_t]" not in formula:
            del keys[0]  # the hint on shapes is about the stacked input and what it meets
        known = [HINTS[key] for key in (*keys, section.title) if key in HINTS]
        self.hint = known[0] if times > 1 and known else ""
        self.formula = list(_parts(formula, error.lines)) if times > 2 else []

    @property
    def html(self):
        """Return it as HTML that needs no style sheet, or "" if there is nothing."""
        parts = [_picture(self.error.items)]
        if self.formula:
            formula = _raised("\n".join("".join(map(_marked, line)) for line in self.formula))
            parts.append(f'<div style="{_STYLE["formula"]}">{formula}</div>')
        if self.hint:
            body = "".join(map(_paragraph, self.hint.split("\n\n")))
            links = "; ".join(_link(*section) for section in self.sections)
            body += f"<p>Read: {links}.</p>" if links else ""
            parts.append(f"<details><summary>A longer hint</summary>{body}</details>")
        body = "".join(parts)
        return f'<div class="lstm-more" style="{_STYLE[""]}">{body}</div>' if body else ""

    @property
    def text(self):
        """Return it as text, or "" if there is nothing."""
        if not self.hint:
            return ""
        address = [_address(*section) for section in self.sections]
        read = [f"Read: {a or self.error.section}" for a in address[:1]]
        formula = "\n".join(map(_underlined, self.formula))
        parts = [_grid(self.error.items), formula, self.hint.replace("`", ""), *read]
        return "\n\n" + "\n\n".join(filter(None, parts))


def _parts(formula, lines):
    """Yield each line of a formula as pairs: a text, and whether it is what `lines` compute."""
    for line in formula.splitlines():
        # Such as <z|+ b_f>, or what stands between these.
        found = re.findall(r"<([\w,]+)\|(.*?)>|((?:(?!<[\w,]+\|).)+)", line)
        yield [
            (part or other, not lines.isdisjoint(names.split(","))) for names, part, other in found
        ]


def _marked(part):
    text, wrong = html.escape(part[0], quote=False), part[1]
    return f'<mark style="{_STYLE["mark"]}">{text}</mark>' if wrong else text


def _underlined(parts):
    """Return a line of a formula as text; what is in question is underlined."""
    said = under = "    "
    for text, wrong in parts:
        text = re.sub(r"([_^])\{(.*?)\}", r"\1(\2)", text)
        said += text
        # A tilde stands above a letter.
        under += ("^" if wrong else " ") * len(text.replace("\u0303", ""))
    return f"{said}\n{under}".rstrip()


def _raised(text):
    """Return a formula with what is lowered and raised as HTML."""
    for sign, name in (("_", "sub"), (r"\^", "sup")):
        text = re.sub(sign + r"(?:\{(.*?)\}|(\w|⊤)(?!\w))", rf"<{name}>\1\2</{name}>", text)
    return text


def _paragraph(text):
    if text.startswith("    "):
        # It scrolls on a phone, also by keys.
        text = html.escape(textwrap.dedent(text))
        return f'<pre tabindex="0" style="{_STYLE["pre"]}">{text}</pre>'
    # JupyterLab would break lines in code where this source does.
    text = html.escape(text.replace("\n", " "), quote=False)
    code = rf'<code style="{_STYLE["code"]}">\1</code>'
    return f"<p>{re.sub('`([^`]*)`', code, text)}</p>"


def _address(title, chapter):
    """Return where a section of the book is, or "" where nobody knows.

    The book that runs Python in its pages is the one that they belong to; else `BOOK_URL`
    in the environment says where it is.
    """
    base = os.environ.get("BOOK_URL", "").rstrip("/")
    if sys.platform == "emscripten" and not base:
        from js import location

        site, found, _ = str(location.href).partition("/lite/")
        base = site if found else ""
    anchor = re.sub("[^a-z0-9]+", "-", title.lower()).strip("-")
    return f"{base}/book/{PAGES[chapter]}.html#{anchor}" if base and chapter in PAGES else ""


def _link(title, chapter):
    name, address = html.escape(f'"{title}" in {chapter}', quote=False), _address(title, chapter)
    return f'<a href="{html.escape(address)}" target="_blank">{name}</a>' if address else name


def _shown(items):
    """Return of the first wrong array the part around its worst value, or None.

    Returns
    -------
    label : str
    got, expected : ndarray of shape (rows, columns)
    worst : (int, int)
    """
    for item in items:
        if not item.wrong or not np.ndim(item.expected):
            continue
        got, expected = np.array(item.got, float), np.array(item.expected, float)
        at = np.unravel_index(np.argmax(np.abs(got - expected)), got.shape)
        label = item.key or "result"
        if got.ndim > 2:
            label += f"[{', '.join(map(str, at[:-2]))}]"
            got, expected, at = got[at[:-2]], expected[at[:-2]], at[-2:]
        got, expected = np.atleast_2d(got), np.atleast_2d(expected)
        at = at if len(at) == 2 else (0, *at)
        place = []
        for k, most in enumerate((_ROWS, _COLUMNS)):
            start = min(max(0, at[k] - most // 2), max(0, got.shape[k] - most))
            place.append(slice(start, start + most))
        if got.size > got[tuple(place)].size:
            ends = [f"{s.start}:{min(s.stop, n)}" for s, n in zip(place, got.shape, strict=True)]
            label += f", part [{', '.join(ends)}]"
        worst = at[0] - place[0].start, at[1] - place[1].start
        return label, got[tuple(place)], expected[tuple(place)], worst
    return None


def _picture(items):
    """Return wrong values beside the expected ones, as tables whose cells are coloured."""
    found = _shown(items)
    if not found:
        return ""
    label, got, expected, worst = found
    off = got - expected
    tables = {
        f"{label}: expected": (expected, expected, got),
        "yours": (got, expected, got),
        "yours − expected": (off, off),
    }
    return "".join(_table(name, *values, worst=worst) for name, values in tables.items())


def _table(name, values, *beside, worst):
    """Return a table; what stands `beside` it has the same colours for the same numbers."""
    most, number = max(1e-300, *(np.abs(a).max() for a in beside)), _numbers(*beside)

    def cell(value, at):
        # Its sign is in the number as well: colour alone says nothing.
        colour = "194,65,12" if value < 0 else "37,99,235"
        style = f"background:rgba({colour},{0.55 * min(1, abs(value) / most):.2f});{_STYLE['td']}"
        style += _STYLE["worst"] if at == worst else ""
        return f'<td style="{style}">{number(value)}</td>'

    table = f'<table style="{_STYLE["table"]}">'
    table += f'<caption style="{_STYLE["caption"]}">{html.escape(name)}</caption>'
    for row, numbers in enumerate(values):
        cells = "".join(cell(value, (row, k)) for k, value in enumerate(numbers))
        table += f'<tr style="{_STYLE["tr"]}">{cells}</tr>'
    return f"{table}</table>"


def _grid(items):
    """Return wrong values beside the expected ones as text; a star is at the worst."""
    found = _shown(items)
    if not found:
        return ""
    label, got, expected, worst = found
    number = _numbers(got, expected)
    first = max(0, min(worst[1] - 2, got.shape[1] - 4))
    columns = range(first, min(first + 4, got.shape[1]))
    width = 9 * len(columns) + 2
    lines = [f"    {f'{label}: expected':{width}}yours"]
    for row in range(len(got)):
        cells = [
            f"{number(value[row, k]):>8}{'*' if (row, k) == worst else ' '}"
            for value in (expected, got)
            for k in columns
        ]
        lines.append(f"    {''.join(cells[: len(columns)])}  {''.join(cells[len(columns) :])}")
    return "\n".join(line.rstrip() for line in lines)


def _numbers(*arrays):
    """Return a function that writes their numbers with points in line, two digits of the largest.

    Those of whole numbers, and of True and False, have none.
    """
    most = max(np.abs(a).max() for a in arrays)
    digits = 2 if most >= 0.1 else 1 - int(np.floor(np.log10(max(most, 1e-9))))
    if most < 1000 and all((a == np.round(a)).all() for a in arrays):
        digits = 0
    usual = most < 1000 and digits < 6

    def said(value):
        text = f"{value:.{digits if usual else 0}{'f' if usual else 'e'}}" if value else "0"
        return text.replace("e+0", "e").replace("e-0", "e-").replace("-", "−")

    return said


def ipython():
    """Return IPython's shell, or None if this is not IPython."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()


def below(more):
    """Let IPython, if this is IPython, show what is below the message when the cell has ended.

    Returns
    -------
    list of str
        What a terminal shows instead, with the message.
    """
    shell = ipython()
    if shell is None:
        return []
    if type(shell).__name__ == "TerminalInteractiveShell":
        return more.text.splitlines()
    shown = {"text/html": more.html, "text/plain": more.text.strip() or "See above."}
    if more.waits or not shown["text/html"]:
        return []
    more.waits = True  # IPython asks more than once

    def show(*_):
        shell.events.unregister("post_run_cell", show)
        shell.display_pub.publish(shown)

    shell.events.register("post_run_cell", show)
    return []
