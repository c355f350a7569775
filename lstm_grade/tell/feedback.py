"""What students and instructors see of graded work: no hidden tests, no scripts, nothing from afar.

nbgrader_config.py hands these to nbgrader: `HideTests` and `Page` to its
feedback, `markdown2html` to its feedback and the formgrader.
"""

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
        return str(soup), resources


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
