"""Directives for the pictures one can touch: ``{lstm-cell}`` and the others of `PICTURES`.

Their content is what the page says where there is no JavaScript. The scripts in ``_static``
describe the elements; a page loads the scripts of those it has.

::

    ```{lstm-cell} statquest-a
    Here the page would run one LSTM cell over four inputs, step by step.
    ```

Some begin as the option ``set`` says: ``:set: T=60 bias=-1``.
"""

import json
import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from lag_data import gradient_lag_data
from sphinx.util.docutils import SphinxDirective
from voice_data import script as voice_script
from voice_data import still
from writer_data import writer_script

import lstm_ref
from lstm_book import lag, voice
from lstm_book.data import FOLDER

# Of each element: its scripts, in order, and the attribute that its argument sets, with the
# values that this may have.
PAGE = ["lstm.js", "lstm-page.js"]
STORIES = ["remember", "full-stop", "sum", "fade", "statquest-a", "statquest-b"]
PICTURES = {
    "lstm-stream": ([*PAGE, "lstm-stream.js"], None, []),
    "lstm-cell": ([*PAGE, "lstm-cell-draw.js", "lstm-cell.js"], "story", STORIES),
    "lstm-back": ([*PAGE, "lstm-cell-draw.js", "lstm-back.js"], None, []),
    "lstm-writer": ([*PAGE, "lstm-writer.js"], None, []),
    "lstm-learn": ([*PAGE, "lstm-learn.js"], "task", ["adding", "echo", "parity"]),
    "gradient-lag": (["lstm-page.js", "gradient-lag.js"], None, []),
    "lstm-listen": ([*PAGE, "lstm-voice.js", "lstm-listen.js"], None, []),
}
# What ``set`` can set.
SETTINGS = {
    "lstm-stream": {"open"},
    "lstm-back": {"bias", "s"},
    "lstm-learn": {"T", "H", "bias", "rate", "clip", "seed"},
    "gradient-lag": {"rnn", "lstm"},
}
WRITER, VOICE = "_static/writer-weights.js", "_static/voice-data.js"


# What stands in the page of an element: the files it comes from, and what computes it.
DATA = {
    "gradient-lag": ([lag.__file__], gradient_lag_data),
    "lstm-listen": ([*FOLDER.glob("silero*"), *FOLDER.glob("voice*"), voice.__file__], still),
}


class Picture(SphinxDirective):
    """A custom element around its content."""

    has_content = True
    optional_arguments = 1
    option_spec: ClassVar = {"set": directives.unchanged_required}

    def run(self):
        """Parse the content; an element without any would leave some readers with nothing."""
        self.assert_has_content()
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        _, attribute, values = PICTURES[self.name]
        given = ""
        if self.arguments and not attribute:
            raise self.error(f"{self.name} takes no argument, got {self.arguments[0]!r}.")
        if attribute:
            chosen = directives.choice(self.arguments[0] if self.arguments else "", values)
            given = f' {attribute}="{chosen}"'
        if "set" in self.options:
            try:
                given += f' set="{settings(self.name, self.options["set"])}"'
            except ValueError as error:
                raise self.error(str(error)) from None
        closing = f"</{self.name}>"
        if self.name in DATA:
            sources, data = DATA[self.name]
            for source in [*sources, *Path(lstm_ref.__file__).parent.glob("*.py")]:
                self.env.note_dependency(str(source))
            data = json.dumps(data(), separators=(",", ":"))
            closing = f'<script type="application/json">{data}</script>{closing}'
        root = "../" * self.env.docname.count("/")
        if self.name == "lstm-writer":  # what a click loads
            given += f' src="{root}{WRITER}"'
        if self.name == "lstm-listen":
            given += f' src="{root}{VOICE}" ear="{root}_static/lstm-ear.js"'
        opening = f"<{self.name}{given}>"
        return [nodes.raw("", opening, format="html"), *body, nodes.raw("", closing, format="html")]


def settings(tag, text):
    """Return what a picture begins with, once each part is a setting that it has, and a number."""
    known = SETTINGS.get(tag, set())
    for part in text.split():
        name, _, value = part.partition("=")
        if name not in known or not re.fullmatch(r"-?\d+(\.\d+)?", value):
            wanted = ", ".join(sorted(known)) or "nothing"
            raise ValueError(f"{tag} can set {wanted} to a number, got {part!r}.")
    return " ".join(text.split())


def scripts(html):
    """Return the scripts of the pictures in a page, in the order in which they are loaded."""
    names = re.findall(rf"<({'|'.join(PICTURES)})\b", html)
    return list(dict.fromkeys(script for name in names for script in PICTURES[name][0]))


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the scripts of a page's pictures."""
    for script in scripts(context.get("body", "")):
        app.add_js_file(script, loading_method="defer")


def write_data(app, exception):
    """Write the scripts that a click loads, before what no page refers to is deleted."""
    if not exception and app.builder.format == "html":
        Path(app.outdir, WRITER).write_text(writer_script(), "ascii")
        Path(app.outdir, VOICE).write_text(voice_script(), "ascii")


def setup(app):
    """Register with Sphinx."""
    for name in PICTURES:
        app.add_directive(name, Picture)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_data)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
