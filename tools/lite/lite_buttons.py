"""The ``{do}`` and ``{exercise}`` directives: do an assignment, or one of its functions.

A Sphinx extension. It looks for the site of `make lite`; where there is none, or one that is out
of date, the book is built without what needs it, and the build says why.

::

    ```{do} gates
    ```

    ```{exercise} gates forget_gate
    ```

The first opens the whole notebook, or downloads it; on the assignment's own page, its functions
can be written in the page. The second stands where the book teaches a function: there it can be
written and checked.
"""

import posixpath
import re
import shutil
from pathlib import Path

import lite_cells
from docutils import nodes
from docutils.statemachine import StringList
from lite_site import (
    ROOT,
    SITE,
    STAMP,
    fingerprint,
    functions,
    notebooks,
    runs_in_browser,
    title,
    why_not,
    written_question,
)
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
        if in_browser and self.config.lite and self.env.docname == f"book/assignments/{slug}":
            return [links, *self.gather(notebook)]
        if in_browser:
            return [links]
        why = "It uses PyTorch, which does not run in a browser: download it."
        return [links, nodes.paragraph("", why)]

    def gather(self, notebook):
        """Return the place where all of the assignment can be written in the page."""
        question = nodes.Element()
        text = written_question(notebook).splitlines()
        self.state.nested_parse(StringList(text, self.get_location()), 0, question)
        return [
            raw(f'<div class="gather" data-slug="{notebook.stem}">'),
            raw('<div class="gather-question" hidden>'),
            *question.children,
            raw("</div></div>"),
        ]


class Exercise(SphinxDirective):
    """``{exercise} SLUG FUNCTION``: a function of an assignment, to write where it is taught."""

    required_arguments = 2

    def run(self):
        """Return the place for its editor, and a link to the assignment; nothing without a site."""
        slug, name = self.arguments
        notebook = notebooks().get(slug)
        there = functions(notebook) if notebook else {}
        if name not in there:
            raise self.error(
                f"expected an assignment, one of {', '.join(notebooks())}, and one of its "
                f"functions, got {slug!r} and {name!r}"
            )
        self.env.note_dependency(str(notebook))
        if not self.config.lite:
            return []
        page = self.env.app.builder.get_relative_uri(self.env.docname, f"book/assignments/{slug}")
        return [
            raw(
                f'<div class="exercise" data-slug="{slug}" data-name="{name}"><p>'
                f"<strong>Write it yourself:</strong> <code>{name}</code>, {there[name]} points of "
                f'the assignment <a href="{page}">{title(notebook)}</a></p></div>'
            )
        ]


def raw(html):
    """Return a node of HTML, for the pages alone."""
    return nodes.raw("", html, format="html")


def find_site(app, config):
    """Let the book know whether there is a site; all pages are read again when that changes."""
    config.lite = "" if why_not() else fingerprint()


def mark_cells(app, doctree):
    """Give each cell that runs in the page a class, and one that says what it needs.

    ``needs-3_0_1-5_2``: of cell 3 the statements 0 and 1, of cell 5 the statement 2.
    """
    if not app.config.lite:
        return
    cells = [n for n in doctree.findall(nodes.container) if n.get("nb_element") == "cell_code"]
    for k, needs in lite_cells.plan([source_of(cell) for cell in cells]).items():
        if "def " in source_of(cells[k]) or "(" in source_of(cells[k]):  # not imports alone
            cells[k]["classes"].append("live")
        parts = ["_".join(map(str, [cell, *places])) for cell, places in needs.items()]
        cells[k]["classes"] += ["-".join(["needs", *parts])] if parts else []


def source_of(cell):
    """Return the code of a cell as the page shows it; None if it does not."""
    for part in cell.children:
        if isinstance(part, nodes.container) and part.get("nb_element") == "cell_code_source":
            return part.astext()
    return None


def add_script(app, pagename, templatename, context, doctree):
    """Load the script where the page has a button for it, or a cell to run."""
    if app.config.lite and re.search(
        r'class="[^"]*\b(do-open|live|exercise|gather)\b', context.get("body", "")
    ):
        app.add_js_file("in-browser.js", loading_method="defer")


def copy_site(app, exception):
    """Put the site beside the book's pages, or remove an old one and say why there is none."""
    target = Path(app.outdir) / "lite"
    if exception or app.builder.format != "html":
        return
    stamp = target / STAMP
    if app.config.lite and stamp.exists() and stamp.read_text("utf-8") == app.config.lite:
        return
    shutil.rmtree(target, ignore_errors=True)
    worker = Path(app.outdir) / "sw.js"  # at the root: it serves the pages of its folder
    if app.config.lite:
        shutil.copytree(SITE, target)
        shutil.move(target / "sw.js", worker)
    else:
        worker.unlink(missing_ok=True)
        log.info("Nothing runs in the browser: %s. See `make lite` in README.", why_not())


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("lite", "", "env", [str])
    app.add_directive("do", Do)
    app.add_directive("exercise", Exercise)
    app.connect("config-inited", find_site)
    app.connect("doctree-read", mark_cells)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", copy_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
