"""What a page says of the book: what it answers, whose it is, and how it is cited.

The author comes from ``_config.yml``, the version from ``pyproject.toml``, its date from the page
*Changes*. A chapter's title for those who do not have it before them is the question it answers.
"""

import re
import tomllib
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[3]
ANSWERS = {
    "book/sequences": "What sequences ask of a network, and how an RNN answers",
    "book/vanishing-gradients": "Why gradients vanish and explode in recurrent networks",
    "book/memory-cell": "How the memory cell of an LSTM keeps its content",
    "book/gates": "How the gates of an LSTM work",
    "book/cell": "How an LSTM cell is computed, shape by shape",
    "book/unrolling": "How backpropagation through time works in an LSTM",
    "book/gradient-flow": "Whether LSTMs solve vanishing gradients",
    "book/training": "How to train an LSTM, and what goes wrong",
    "book/variants": "GRU, peepholes and other variants of the LSTM compared",
    "book/pytorch": "What torch.nn.LSTM computes: weights, shapes, two biases",
    "book/practice": "How to train an LSTM with PyTorch, from data to checkpoint",
    "book/when-it-does-not-work": "Why an LSTM does not learn or predict: causes and remedies",
    "book/applications": "When an LSTM is worth its trouble: speech, text, time series",
    "book/voice": "How an LSTM that is in use hears a voice: its gates, its memories",
    "book/writer": "What an LSTM learns from text, beside well-smoothed counting",
    "book/sequence-to-sequence": "How an encoder and a decoder work, and why attention came",
    "book/misconceptions": "What is often said of LSTMs and is not true",
}
MARKS = re.compile(r"[.,;:?!)\]’”…]+")


def title_of(pagename, title, book):
    """Return the title of a page as search engines and browser tabs show it."""
    title = re.sub(r"<[^>]+>", "", title)
    answer = ANSWERS.get(pagename, title)
    return book if title in ("", book) else f"{answer} — {book}"


def released():
    """Return the version, and the day it is of: year, month, day."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changes = (ROOT / "book/changes.md").read_text("utf-8")
    newest = re.search(r"^## ([\d.]+), (\d{4})-(\d\d)-(\d\d)$", changes, re.MULTILINE)
    if not newest or newest[1] != version:
        raise ExtensionError(
            "book/changes.md: expected the newest version first, '## "
            f"{version}, YYYY-MM-DD', as in pyproject.toml; got {newest and newest[0]!r}"
        )
    return version, newest.groups()[1:]


def bibtex(pagename, title, config):
    """Return a page as an entry for BibTeX."""
    version, (year, month, _) = released()
    key = f"lstm-gate-by-gate-{pagename.rpartition('/')[2]}".removesuffix("-intro")
    fields = {"title": f"{{{title or config.html_title}}}", "author": f"{{{config.author}}}"}
    if title not in ("", config.html_title):
        fields["booktitle"] = config.html_title
    fields |= {"year": year, "month": month.lstrip("0"), "note": f"Version {version}"}
    if config.html_baseurl:
        fields["url"] = f"{config.html_baseurl}{pagename}.html"
    kind = "incollection" if "booktitle" in fields else "misc"
    lines = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items())
    return f"@{kind}{{{key},\n{lines}}}"


def show(app, pagename, templatename, context, doctree):
    """Give the templates of page and footer what they say."""
    config = app.config
    title = re.sub(r"<[^>]+>", "", context.get("title") or "")
    version, day = released()
    context["page_title"] = title_of(pagename, title, config.html_title)
    context["released"] = f"{version}, {'-'.join(day)}"
    context["cited"] = bibtex(pagename, re.sub(r"^[\d.]+ ", "", title), config)
    # The theme and Sphinx's own page say it, too.
    viewport = r'<meta (?=[^>]*name="viewport")[^>]*>\s*'
    context["metatags"] = re.sub(viewport, "", context.get("metatags", ""))


def keep_marks(app, doctree):
    """Keep what ends a sentence on the line of the formula before it."""
    for formula in list(doctree.findall(nodes.math)):
        parent, at = formula.parent, formula.parent.index(formula)
        after = parent[at + 1] if at + 1 < len(parent) else None
        mark = isinstance(after, nodes.Text) and MARKS.match(after)
        if mark and not isinstance(parent, nodes.title):
            kept = nodes.inline("", "", formula.deepcopy(), nodes.Text(mark[0]), classes=["kept"])
            parent[at : at + 2] = [kept, nodes.Text(after[mark.end() :])]


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", keep_marks)
    app.connect("html-page-context", show, priority=800)  # before the page is described
