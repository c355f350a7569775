"""The ``{do}`` directive: open an assignment in the browser, or download its notebook.

A Sphinx extension. It looks for the site of `make lite`; where there is none, or one that is out
of date, the book is built without what needs it, and the build says why.

::

    ```{do} gates
    ```
"""

import posixpath
import re
import shutil
from pathlib import Path

from docutils import nodes
from lite_site import ROOT, SITE, STAMP, notebooks, runs_in_browser, title, why_not
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)


class Do(SphinxDirective):
    """``{do} SLUG``: buttons that open the assignment and download its notebook."""

    required_arguments = 1

    def run(self):
        """Return a paragraph of links; a line says why one of them is missing."""
        slug = self.arguments[0]
        notebook = notebooks().get(slug)
        if not notebook:
            raise self.error(f"expected one of {', '.join(notebooks())}, got {slug!r}")
        self.env.note_dependency(str(notebook))
        links = nodes.paragraph(classes=["do"])
        in_browser = runs_in_browser(notebook)
        if in_browser and self.config.lite:
            here = posixpath.dirname(self.env.docname)
            page = posixpath.relpath(f"lite/{slug}.html", here)
            links += nodes.reference("", "Open in the browser", refuri=page, classes=["do-open"])
        links += addnodes.download_reference(
            "",
            "",
            nodes.inline("", "Download the notebook"),
            reftarget=f"/{notebook.relative_to(ROOT).as_posix()}",
            refdoc=self.env.docname,
        )
        links.insert(0, nodes.strong("", f"{title(notebook)}, the assignment:"))
        if in_browser:
            return [links]
        why = "It uses PyTorch, which does not run in a browser: download it."
        return [links, nodes.paragraph("", why)]


def find_site(app, config):
    """Let the book know whether there is a site; all pages are read again when that changes."""
    config.lite = not why_not()


def add_script(app, pagename, templatename, context, doctree):
    """Load the script where the page has a button for it, or a cell to run."""
    if app.config.lite and re.search(
        r'class="[^"]*\b(do-open|tag_live)\b', context.get("body", "")
    ):
        app.add_js_file("in-browser.js", loading_method="defer")


def copy_site(app, exception):
    """Put the site beside the book's pages, or remove an old one and say why there is none."""
    target = Path(app.outdir) / "lite"
    if exception or app.builder.format != "html":
        return
    stamp = target / STAMP
    if app.config.lite and stamp.exists() and stamp.read_bytes() == (SITE / STAMP).read_bytes():
        return
    shutil.rmtree(target, ignore_errors=True)
    if app.config.lite:
        shutil.copytree(SITE, target)
    else:
        log.info("Nothing runs in the browser: %s. See `make lite` in README.", why_not())


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("lite", False, "env", [bool])
    app.add_directive("do", Do)
    app.connect("config-inited", find_site)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", copy_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
