"""The built pages hang together: links, anchors, ids, and the notebooks to download."""

from collections import Counter
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import pytest


class Links(HTMLParser):
    """What a page links to and loads, and the ids it has."""

    def __init__(self, html):
        super().__init__()
        self.urls, self.ids = [], Counter()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Take note of a tag's ids and addresses."""
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.ids[value] += 1
            elif name in ("href", "src", "action", "poster"):
                self.urls.append(value)


@pytest.fixture(scope="module")
def links(built_book):
    theirs = built_book / "lite"  # JupyterLite's own pages are not ours to mend
    ours = [path for path in built_book.rglob("*.html") if not path.is_relative_to(theirs)]
    pages = {path: Links(path.read_text("utf-8")) for path in ours}
    assert len(pages) > 5
    return pages


def test_every_link_and_anchor_leads_somewhere(links):
    lost = []
    for path, page in links.items():
        for url in page.urls:
            parts = urlsplit(url)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                lost.append(f"{path.name}: {url}")
            elif parts.fragment and target in links:
                if not links[target].ids[unquote(parts.fragment)]:
                    lost.append(f"{path.name}: {url}")
    assert lost == []


def test_every_id_is_there_once(links):
    twice = [(path.name, i) for path, page in links.items() for i, n in page.ids.items() if n > 1]
    assert twice == []


def test_notebooks_to_download(built_book):
    notebooks = list((built_book / "_sources").rglob("*.ipynb"))
    assert notebooks
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert all(not cell.get("outputs") for cell in notebook.cells)
