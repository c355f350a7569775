"""A small book, built with some of the book's extensions."""

import io

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
