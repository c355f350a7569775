"""What a page says of itself, and what comes with it: notebook, sitemap, 404 page."""

import html
import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.errors import ExtensionError

from lstm_pages import face

CARD = "_static/card.png"
DESCRIPTION = 160  # characters that search engines show
# Whoever reloads the page or comes back to it is put where they were, before any other script
# runs: heights must be true by then. See pages.css.
RETURNS = """<script>
      if (performance.getEntriesByType("navigation")[0]?.type !== "navigate")
        document.documentElement.dataset.returns = "";
    </script>"""


def describe(app, pagename, templatename, context, doctree):
    """Describe the page to search engines, and to whoever is sent a link to it."""
    title = re.sub(r"<[^>]+>", "", context.get("title") or "") or app.config.html_title
    title = face.ANSWERS.get(pagename, title)
    text = summary(doctree) if doctree else f"{html.unescape(title)}: {app.config.html_title}."
    tags = {"og:title": html.unescape(title), "og:description": text, "og:type": "article"}
    tags["og:site_name"] = app.config.html_title
    if site := app.config.html_baseurl:
        tags |= {"og:url": f"{site}{pagename}.html", "og:image": site + CARD}
        tags["twitter:card"] = "summary_large_image"
    meta = [f'<meta name="description" content="{html.escape(text)}" />']
    meta += [f'<meta property="{k}" content="{html.escape(v)}" />' for k, v in tags.items()]
    context["metatags"] = "\n    ".join([context.get("metatags", ""), *meta, RETURNS])


def summary(doctree):
    """Return the beginning of the first paragraph without formulas, cut after a word."""
    paragraphs = [
        node
        for node in doctree.findall(nodes.paragraph)
        if not any(node.findall(nodes.math)) and isinstance(node.parent, nodes.section)
    ]
    text = " ".join(paragraphs[0].astext().split()) if paragraphs else doctree.astext()
    if len(text) <= DESCRIPTION:
        return text
    return text[: DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def offer_notebook(app, pagename, templatename, context, doctree):
    """Offer the page's notebook, if it is one, in the theme's download menu."""
    if executed(app.outdir, pagename).exists():
        context["ipynb_source"] = f"{pagename}.ipynb"


def executed(out, docname):
    """Return where MyST-NB leaves a page's notebook, with its outputs."""
    return Path(out).parent / "jupyter_execute" / f"{docname}.ipynb"


def write_notebooks(out, docnames):
    """Write the notebooks to download, without outputs: the reader's own run makes them."""
    for docname in docnames:
        if executed(out, docname).exists():
            notebook = nbformat.read(executed(out, docname), as_version=4)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            nbformat.validate(notebook)
            target = out / "_sources" / f"{docname}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)


def collect_404(app):
    """Add the page that a server sends for an address it does not know."""
    first = app.builder.get_relative_uri("404", app.config.root_doc)
    body = (
        "<section><h1>Page not found</h1><p>This address leads nowhere. The page may have moved: "
        f'begin at <a href="{first}">the first page</a>, or search.</p></section>'
    )
    yield "404", {"title": "Page not found", "body": body}, "page.html"


def write_robots(out, site):
    """Write robots.txt: everything may be read, and where the list of pages is."""
    sitemap = f"Sitemap: {site}sitemap.xml\n" if site else ""
    (out / "robots.txt").write_text(f"User-agent: *\nAllow: /\n{sitemap}", "utf-8")


def write_sitemap(out, docnames, site):
    """Write sitemap.xml, which lists the pages to search engines."""
    if not (out / CARD).exists():
        raise ExtensionError(f"SITE_URL needs book/{CARD}, which make screenshots takes")
    urls = "".join(f"<url><loc>{site}{name}.html</loc></url>\n" for name in sorted(docnames))
    (out / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n',
        "utf-8",
    )
