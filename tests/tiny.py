"""A small book, built with some of the book's extensions."""

import io

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

# Of the book's own settings, those that decide what the theme writes.
THEME = {
    "html_theme": "sphinx_book_theme",
    "html_title": "Tiny",
    "html_theme_options": {
        key: [] for key in ("navbar_start", "navbar_center", "navbar_persistent", "navbar_end")
    },
}


def build(folder, extensions, **config):
    """Build the pages in `folder`; return where they are and what Sphinx complained of.

    Parameters
    ----------
    folder : Path
        It is Sphinx's source folder; the pages go to ``_build/html`` in it.
    extensions : list of str
    **config
        Values of a conf.py.

    Returns
    -------
    Path, str
    """
    # The defaults are one for all applications, and extensions and themes add to them.
    mine = {"source_suffix": {".rst": "restructuredtext"}, "templates_path": []}
    config = {"extensions": extensions, **mine, **config}
    out, trees, said = folder / "_build/html", folder / "_build/trees", io.StringIO()
    with docutils_namespace():
        Sphinx(folder, None, out, trees, "html", config, None, said).build()
    return out, said.getvalue()


def themed(folder, files=None, **environment):
    """Build a book with the theme; return its folder and the warnings."""
    for name, text in (files or {}).items():
        (folder / name).write_text(text, "utf-8")
    (folder / "_static").mkdir(exist_ok=True)
    (folder / "_static/card.png").write_bytes(b"png")
    (folder / "_static/pages.js").write_text("// previews", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SITE_URL", "REPO_URL"):
            patch.setenv(name, environment.get(name, ""))
        return build(
            folder,
            ["myst_parser", "sphinx_book_theme", "lstm_pages"],
            **THEME,
            html_static_path=["_static"],
            html_copy_source=True,
            myst_enable_extensions=["dollarmath"],
            myst_update_mathjax=False,
            mathjax_path="math.js",
        )
