"""The book's pages: light, accessible, and complete without a server or a network.

A Sphinx extension. While a page is written, `meta` describes it and offers its notebook, and
``templates/`` stands in for parts of the theme; after the build, `light` and `mend` rework what the
theme wrote where it has no template for that. `quiz` and `previews` are the two things the book
adds to the theme. `stamps` lets a change of any of them reach the pages.

Two settings, both environment variables and both empty unless you set them:

``SITE_URL``
    Where the book will be served, such as ``https://example.org/lstm/``. Adds canonical links,
    the social card, a sitemap and a 404 page that works at any depth.
``REPO_URL``
    The book's repository on GitHub or GitLab. Adds the links to edit a page and open an issue,
    and with ``HUB_URL`` those that `assignment` describes.
"""

import os
from pathlib import Path

from lstm_pages import face, front, light, mend, meta, previews, quiz, search, stamps


def read_settings(app, config):
    """Take SITE_URL and REPO_URL from the environment."""
    if site := os.environ.get("SITE_URL", ""):
        config.html_baseurl = site.rstrip("/") + "/"
    if repo := os.environ.get("REPO_URL", ""):
        config.html_theme_options |= {
            "repository_url": repo.removesuffix("/").removesuffix(".git"),
            "repository_branch": "main",
            "use_repository_button": True,
            "use_edit_page_button": True,
            "use_issues_button": True,
        }


def use_templates(app, config):
    """Look for templates here first: before the theme, which adds folders of its own."""
    config.templates_path = [str(Path(__file__).parent / "templates"), *config.templates_path]


def finish(app, exception):
    """Rework the pages that this build wrote; those of earlier builds are left as they are."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    light.measure_when_near(out)  # each build copies the theme's scripts anew
    if (first := app.config.root_doc) != "index":
        mend.write_start_page(out, first, app.env.titles[first].astext())
    pages = mend.read_pages(out)
    site = app.config.html_baseurl
    if not all(mend.is_mended(html) for html in pages.values()):
        (out / "sitemap.xml").unlink(missing_ok=True)  # of a build with another SITE_URL
        new = {path: html for path, html in pages.items() if not mend.is_mended(html)}
        pages |= light.size_images(out, light.slim_drawings(new))
        previews.write_previews(out, pages)
        pages = {path: mend.mend_page(path, html) for path, html in pages.items()}
        search.write_search(out, pages)
        light.write_stylesheet(out, pages)
        if site:
            mend.anchor_404(pages, site)
            meta.write_sitemap(out, app.env.found_docs, site)
        meta.write_robots(out, site)
        meta.write_notebooks(out, app.env.found_docs)
        mend.write_pages(out, pages)
    light.delete_unreferenced(out, pages, keep=[out / meta.CARD] if site else [])


def setup(app):
    """Register with Sphinx."""
    face.setup(app)
    front.setup(app)
    quiz.setup(app)
    stamps.setup(app)
    app.connect("config-inited", use_templates, priority=100)
    app.connect("config-inited", read_settings, priority=900)
    app.connect("html-collect-pages", meta.collect_404)
    app.connect("html-page-context", meta.offer_notebook, priority=100)  # before the theme's
    app.connect("html-page-context", meta.describe, priority=900)  # after it
    app.connect("html-page-context", light.defer_scripts, priority=900)
    app.connect("build-finished", finish, priority=900)
    app.add_js_file("pages.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
