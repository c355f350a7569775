"""What students and instructors see of graded work: no hidden tests, no scripts, nothing from afar.

nbgrader_config.py hands these to nbgrader: `HideTests` and `Page` to its
feedback, `markdown2html` to its feedback and the formgrader.
"""

import re
from html import unescape
from xml.etree.ElementTree import tostring

from bs4 import BeautifulSoup
from jinja2 import pass_context
from latex2mathml.converter import convert_to_element
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import List

from lstm_grade.box.trusted import HIDDEN
from lstm_grade.tell.pages import STATE


class HideTests(NbGraderPreprocessor):
    """Leave the source of hidden tests out of the feedback; what they said stays."""

    # nbconvert sets it for all; nbgrader's class takes no setting, and would warn each time.
    display_data_priority = List(config=True)

    def preprocess_cell(self, cell, resources, index):
        """Return the cell without the lines between the marks of hidden tests."""
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
            cell.source = HIDDEN.sub("# Hidden tests ran here.", cell.source)
        return cell, resources


class Page(HTMLExporter):
    """A page of feedback without scripts: it needs none, and loads nothing."""

    def from_notebook_node(self, nb, resources=None, **settings):
        """Return the page and nbconvert's resources."""
        page, resources = super().from_notebook_node(nb, resources, **settings)
        soup = BeautifulSoup(page, "html.parser")
        for script in soup("script"):
            script.decompose()
        if told := resources.get("lstm_grade"):
            _say_what_waits(soup, told["waits"])
            _say_what_changed(soup, told["reasons"])
            # In front of the styles, which are long: so it is soon found again.
            mark = soup.new_tag("meta", attrs={"name": STATE, "content": told["state"]})
            soup.head.insert(0, mark)
        return visible(str(soup)), resources


def visible(text):
    """Return a text in which characters that turn the direction of writing are seen as such."""
    return _TURNING.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def _say_what_waits(soup, waits):
    """Give each mark the name of its cell, and say of those that wait that they do."""
    for item in soup.select("#toc li"):
        name = item.a["href"].removeprefix("#") if item.a else ""
        if name.startswith("comment-") or not name:
            continue
        item.a.string = f"{item.a.get_text()}: {name}"
        if name in waits:
            _replace_score(item)
    for name in waits:
        anchor = soup.find("a", attrs={"name": name})
        heading = anchor and anchor.find_next(class_="panel-heading")
        if heading and (score := heading.find(class_="pull-right")):
            _replace_score(score)
    if waits and (title := soup.find("h4")):
        title.append(f"; not graded yet: {', '.join(sorted(waits))}")


def _replace_score(element):
    for text in element.find_all(string=_SCORE):
        text.replace_with(_SCORE.sub(r"not graded yet, of \1", text))


def _say_what_changed(soup, reasons):
    for row in reasons:
        anchor = soup.find("a", attrs={"name": row["cell"]})
        panel = anchor and anchor.find_next(class_="panel-heading")
        if panel:
            note = soup.new_tag("div", attrs={"class": "panel-footer"})
            points = f"{_number(row['before'])} → {_number(row['after'])}"
            note.string = f"Changed on {row['time']:%Y-%m-%d}: {points}. {row['reason']}"
            panel.insert_after(note)


def _number(points):
    return "none" if points is None else f"{points:g}"


_SCORE = re.compile(r"Score: [\d.]+ / ([\d.]+)")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MATH_ATTRIBUTES = {
    *("xmlns", "display", "displaystyle", "mathvariant", "stretchy", "fence", "form", "accent"),
    *("minsize", "maxsize", "linethickness", "columnalign", "lspace", "rspace", "width"),
}


class _Renderer(IPythonRenderer):
    """Formulas as MathML, which browsers show by themselves; pictures from the notebook only."""

    def image(self, text, url, title=None):
        pasted = url.startswith("attachment:") and url[len("attachment:") :] in self.attachments
        if pasted or url.startswith("data:image/"):
            return super().image(text, url, title)
        return f"[{text}]"

    def inline_math(self, body):
        return _mathml(body, "inline") or super().inline_math(body)

    def block_math(self, body):
        return _mathml(body, "block") or super().block_math(body)


def _mathml(formula, display):
    try:
        math = convert_to_element(formula, display=display)
    except Exception:  # a student's formula; it raises whatever is wrong with it
        return None
    # The library would hand on HTML in \text{} and the address of \href{}.
    for element in math.iter():
        element.text = unescape(element.text or "")
        for name in set(element.attrib) - _MATH_ATTRIBUTES:
            del element.attrib[name]
    return tostring(math, encoding="unicode")


@pass_context
def markdown2html(context, source):
    """Return Markdown as HTML; HTML in it, scripts too, is shown as text.

    Parameters
    ----------
    context : jinja2.runtime.Context
        Of nbconvert's template: it holds the cell with its attachments.
    source : str
    """
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = _Renderer(
        escape=True,
        allow_harmful_protocols=False,
        attachments=attachments,
        exclude_anchor_links=True,
    )
    return MarkdownWithMath(renderer=renderer).render(source)
