"""The ``{lstm-cell}`` and ``{gradient-lag}`` directives: a cell, and its gradients, to play with.

Their content is what the page says where there is no JavaScript. The scripts in ``_static``
describe the elements; only pages that have one load its script.

::

    ```{lstm-cell} statquest-a
    :steps:
    Here the page would run one LSTM cell over four inputs, step by step.
    ```
"""

import json

from docutils import nodes
from docutils.parsers.rst import directives
from lag_data import gradient_lag_data
from sphinx.util.docutils import SphinxDirective

PRESETS = ["remember", "forget", "overwrite", "statquest-a", "statquest-b"]


class Element(SphinxDirective):
    """A custom element around its content."""

    has_content = True

    def run(self):
        """Parse the content; an element without any would leave some readers with nothing."""
        self.assert_has_content()
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        opening, closing = self.tags()
        return [nodes.raw("", opening, format="html"), *body, nodes.raw("", closing, format="html")]


class LstmCell(Element):
    """``<lstm-cell>``: sliders, or with ``:steps:`` a sequence. The argument is the preset."""

    required_arguments = 1
    option_spec = {"steps": directives.flag}  # noqa: RUF012

    def tags(self):
        """Return the opening and the closing tag."""
        preset = directives.choice(self.arguments[0], PRESETS)
        mode = ' mode="steps"' if "steps" in self.options else ""
        return f'<lstm-cell preset="{preset}"{mode}>', "</lstm-cell>"


class GradientLag(Element):
    """``<gradient-lag>``, with the curves that lstm_ref computes while the page is built."""

    def tags(self):
        """Return the opening tag, and the closing one after the curves."""
        data = json.dumps(gradient_lag_data(), separators=(",", ":"))
        script = f'<script type="application/json">{data}</script>'
        return "<gradient-lag>", f"{script}</gradient-lag>"


def add_scripts(app, pagename, templatename, context, doctree):
    """Load an element's script where the page has that element."""
    for name in "lstm-cell", "gradient-lag":
        if f"<{name}" in context.get("body", ""):
            app.add_js_file(f"{name}.js", loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("lstm-cell", LstmCell)
    app.add_directive("gradient-lag", GradientLag)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
