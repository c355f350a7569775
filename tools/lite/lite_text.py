"""A notebook's text as HTML: what there is to read while Python starts."""

import html
import json

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class Renderer(IPythonRenderer):
    """Formulas as MathML, which browsers show by themselves."""

    def inline_math(self, body):
        """Return a formula in a line."""
        return convert(body.strip())

    def block_math(self, body):
        """Return a formula of its own."""
        return convert(body.strip(), display="block")


def notebook_text(path):
    """Return the cells of a notebook as HTML."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join(map(cell_text, cells))


def cell_text(cell):
    """Return one cell as HTML, with its pictures in it."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        pictures = cell.get("attachments")
        renderer = Renderer(escape=False, exclude_anchor_links=True, attachments=pictures)
        text = MarkdownWithMath(renderer=renderer).render(source)
        return f"<div>{text.replace('<h1', '<h2').replace('</h1>', '</h2>')}</div>"
    return f'<pre tabindex="0"><code>{html.escape(source)}</code></pre>'
