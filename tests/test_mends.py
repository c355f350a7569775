"""Templates and mends of book/_ext/lstm_pages: each finds its fault in the theme's pages."""

import re
from pathlib import Path

import pytest
from lstm_pages import mend
from sphinx.errors import ExtensionError

import tiny

PAGE = Path("index.html")

# A page with all that the mends mend.
FAULTS = """---
file_format: mystnb
kernelspec:
  name: python3
---

# Tiny

```{code-cell} python
:tags: [hide-input]
1
```

|   | b |
|---|---|
| a | 1 |

By {cite}`someone`.

```{bibliography}
```
"""
BIBLIOGRAPHY = "@book{someone, author={A. B.}, title={C}, publisher={D}, year={2000}}"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a function that builds that page with some more extensions: pages by name."""

    def build(*extensions):
        folder = tmp_path_factory.mktemp("built")
        (folder / "index.md").write_text(FAULTS, "utf-8")
        (folder / "some.bib").write_text(BIBLIOGRAPHY, "utf-8")
        (folder / "pages.js").touch()
        out, warnings = tiny.build(
            folder,
            ["myst_nb", "sphinxcontrib.bibtex", "sphinx_book_theme", *extensions],
            **tiny.THEME,
            html_static_path=["pages.js"],
            nb_execution_mode="off",
            suppress_warnings=["myst-nb.lexer"],  # it asks the kernel, which does not run
            bibtex_bibfiles=["some.bib"],
        )
        assert warnings == ""
        return mend.read_pages(out)

    return build


@pytest.fixture(scope="module")
def theme(built):
    """Return pages as the theme writes them."""
    return built()


@pytest.fixture(scope="module")
def ours(built):
    """Return pages as the book's extension has them written."""
    return built("lstm_pages")


@pytest.fixture
def page(theme):
    return theme[PAGE]


@pytest.mark.parametrize(
    ("name", "gone", "come"),
    [
        ("index.html", "fontawesome.js", "scripts/pydata-sphinx-theme.js"),
        ("index.html", "scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js"),
        ("index.html", "doctools.js", "documentation_options.js"),
        ("index.html", "sphinx_highlight.js", "documentation_options.js"),
        ("index.html", "searchindex.js", 'name="viewport"'),
        ("index.html", "searchtools.js", "documentation_options.js"),
        (
            "index.html",
            'search-button-field[^>]* aria-label="Search"',
            'search-button-field[^>]*"Search"',
        ),
        (
            "index.html",
            'aria-label="Color mode"',
            'aria-label="Color mode: Light, Dark, System Settings"',
        ),
        (
            "index.html",
            'title="Toggle primary sidebar" data',
            ' aria-label="Toggle primary sidebar" data',
        ),
        ("search.html", "searchindex.js", "documentation_options.js"),
        ("search.html", "_static/searchtools.js", "documentation_options.js"),
        ("index.html", '(name="viewport".*){2}', 'name="viewport"'),
    ],
)
def test_a_template(theme, ours, name, gone, come):
    """The theme has the fault, or the template is no longer needed; the book has it not."""
    assert re.search(gone, theme[Path(name)], re.DOTALL)
    assert not re.search(gone, ours[Path(name)], re.DOTALL)
    assert re.search(come, ours[Path(name)])


@pytest.mark.parametrize(
    ("gone", "come"),
    [
        ('id="pst-primary-sidebar" class', 'role="navigation" aria-label="Book" class'),
        ("Toggle hidden content", "<summary>"),
        ("doc-biblioentry", 'class="citation"'),
        ('role="list"', 'class="citation-list"'),
        ('<th class="head"><p></p></th>', "<td></td>"),
    ],
)
def test_a_mend(page, gone, come):
    assert re.search(gone, page)
    mended = mend.mend_page(PAGE, page)
    assert not re.search(gone, mended)
    assert re.search(come, mended)


def test_formulas_that_head_a_column_are_named():
    """As KaTeX writes them: what is in a formula is no name by ARIA's rules."""
    head = "<th class=head><p><math xmlns=m><mi>c</mi><annotation>\\tilde c</annotation></math></p>"
    assert '<math aria-label="tilde c" xmlns=m>' in mend.name_formulas(head)


def test_a_mended_page_is_left_alone(page):
    once = mend.mend_page(PAGE, page)
    assert mend.is_mended(once)
    assert not mend.is_mended(page)
    assert mend.mend_page(PAGE, once) == once


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('id="pst-primary-sidebar"', 'id="sidebar"'),
        ('<div id="pst-primary-sidebar"', '<aside id="pst-primary-sidebar"'),
        ("<summary aria-label=", '<summary class="x" aria-label='),
        ('<div role="list" class', '<div data-x role="list" class'),
        ('<html lang="en"', '<html class="x" lang="en"'),
    ],
)
def test_changed_markup_stops_the_build(page, was, now):
    assert was in page
    with pytest.raises(ExtensionError, match=r"^index\.html: .*expected"):
        mend.mend_page(PAGE, page.replace(was, now))
