"""One page for paper: the built chapters one after the other, with contents and page numbers.

Chromium prints it (`tools/pdf.py`) with page boxes of its own: running heads, numbers, bookmarks
and tags need no other tool. What CSS cannot say yet is on which page a link ends. So each link to
another place carries an empty ``<b data-page>``, filled in when a first print has told.
"""

import re
from html import unescape

import yaml
from pypdf import PdfReader

ARTICLE = re.compile(r'<article class="bd-article">(.*)</article>', re.DOTALL)
LINK = re.compile(
    r'<a class="(?P<kind>[^"]*)" href="(?P<href>[^"]+)"(?P<more>[^>]*)>(?P<text>.*?)</a>', re.S
)
HEADING = re.compile(
    r'<section[^>]* id="(?P<id>[^"]+)">(?:\s*<span id="[^"]*"></span>)*\s*'
    r"<h(?P<level>[12])>(?P<title>.*?)</h(?P=level)>",
    re.DOTALL,
)
# A section may begin at the foot of a page, and its heading on the next one.
BEGINS = re.compile(r'<section([^>]*) id="([^"]+)">((?:\s*<span id="[^"]*"></span>)*\s*)<h([1-6])>')
SOURCE = re.compile(r' src="(?!\w+:)([^"]+)"')
DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)
FEW = 450  # characters on a chapter's last page, its running head included
CLOSE = 1.55  # the height of a line there, in place of 1.65
# Terms and sources are looked up by name: a number for each would be in the way.
BY_NAME = ("book/glossary", "book/bibliography")


def parts(root):
    """Return (caption, numbered, pages) for each part of _toc.yml; the start page is of none."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    found = [
        (part["caption"], bool(part.get("numbered")), [c["file"] for c in part["chapters"]])
        for part in toc["parts"]
    ]
    return [("", True, [toc["root"]]), *found]


def words(html):
    """Return a heading's words, without its link to itself."""
    html = re.sub(r'<a class="headerlink".*?</a>', "", html, flags=re.S)
    return " ".join(unescape(re.sub("<[^>]+>", "", html)).split())


class Paper:
    """The book as one page.

    Parameters
    ----------
    folder : pathlib.Path
        The built HTML.
    chosen : list
        As `parts` gives it.
    """

    def __init__(self, folder, chosen):
        self.folder = folder
        self.names = [name for _, _, pages in chosen for name in pages]
        self.contents = []  # (level, part or heading, id or None)
        self.styles = []
        self.begun = []  # (page box, its first heading's id) of what begins on a new page
        self.close = set()  # page boxes in which lines are set closer
        body = [self.part(*part) for part in chosen]
        self.body = "\n".join(body)

    def part(self, caption, numbered, pages):
        """Return a part's articles, and take note of their headings."""
        if caption:
            self.contents.append((0, caption, None))
        return "\n".join(
            self.article(name, caption if k == 0 else "", numbered or k == 0, caption)
            for k, name in enumerate(pages)
        )

    def article(self, name, above, begins, caption):
        """Return a page's article, its names made its own."""
        html = (self.folder / f"{name}.html").read_text("utf-8")
        key = name.rpartition("/")[2] if name.count("/") == 1 else name.replace("/", "-")
        article = self.named(ARTICLE.search(html)[1], name)
        first = place = None
        for heading in HEADING.finditer(article):
            title = words(heading["title"])
            first, place = first or title, place or heading["id"]
            if caption or heading["level"] == "1":
                self.contents.append((int(heading["level"]), title, heading["id"]))
        article = BEGINS.sub(r'<section\1>\3<h\4 id="\2">', article)
        # Pages that follow each other without a new sheet share the first one's running head.
        if begins:
            head = caption if above and not re.match(r"\d", first) else first
            self.styles.append(f'@page {self.box(key)} {{ @top-right {{ content: "{head}"; }} }}')
            self.now = self.box(key)
            self.begun.append((self.now, place))
        label = f'<p class="part">{above}</p>' if above else ""
        kind = f'class="bd-article {"begins" if begins else "follows"}"'
        return f'<article {kind} style="page: {self.now}">{label}{article}</article>'

    @staticmethod
    def box(key):
        """Return the name of a chapter's page box."""
        return f"p-{key}"

    def named(self, article, name):
        """Give each place a name of its own, and each link to another place room for its page."""
        kept = []

        def keep(match):
            kept.append(match[0])
            return f"\0{len(kept) - 1}\0"

        article = DRAWING.sub(keep, article)
        article = re.sub(r' id="([^"]+)"', rf' id="{name}--\1"', article)
        here = (self.folder / name).parent
        article = SOURCE.sub(lambda src: f' src="{(here / src[1]).resolve().as_uri()}"', article)
        article = LINK.sub(lambda link: self.link(link, name), article)
        return re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], article)

    def link(self, link, name):
        """Return a link as it stands on paper."""
        kind, href, text = link["kind"], unescape(link["href"]), link["text"]
        if "headerlink" in kind:
            return ""
        if re.match(r"\w+:", href):
            return link[0]
        path, _, anchor = href.partition("#")
        folder = name.rpartition("/")[0].split("/")
        steps = path.removesuffix(".html").split("/") if path else []
        for step in steps[:-1]:
            folder = folder[:-1] if step == ".." else [*folder, step]
        page = "/".join([*folder, steps[-1]]) if path else name
        if page not in self.names or (path and not path.endswith(".html")):
            return text  # what is not on paper: files to download, slides
        place = f"{page}--{anchor}" if anchor else f"{page}--top"
        number = ""
        if page not in BY_NAME and "<svg" not in text:
            number = f'<span class="on"> (p. <b data-page="{place}"></b>)</span>'
        return f'<a class="{kind}" href="#{place}">{text}</a>{number}'

    def html(self, title, author, scripts, style, pages):
        """Return the page; `pages` are the numbers that a print before this one has told."""
        rows = []
        for level, text, place in self.contents:
            if place is None:
                rows.append(f'<li class="of-part">{text}</li>')
            else:
                rows.append(
                    f'<li class="level-{level}"><a href="#{place}">{text}</a>'
                    f'<span class="dots"></span><b data-page="{place}"></b></li>'
                )
        body = (
            f'<div class="front"><p class="book-title">{title}</p><p>{author}</p></div>'
            f'<nav class="contents"><p class="contents-title">Contents</p>'
            f"<ul>{''.join(rows)}</ul></nav><main>{self.body}</main>"
        )
        filled = re.sub(
            r'<b data-page="([^"]+)"></b>', lambda m: f"<b>{pages.get(m[1], '000')}</b>", body
        )
        sheet = (self.folder / "_static/book.css").as_uri()
        close = [f'[style="page: {box}"] {{ line-height: {CLOSE}; }}' for box in sorted(self.close)]
        loaded = "".join(
            f'<script defer src="{(self.folder / "_static" / name).as_uri()}"></script>'
            for name in scripts
        )
        return (
            f'<!doctype html><html lang="en" data-theme="light" data-mode="light"><head>'
            f'<meta charset="utf-8"><title>{title}</title><meta name="author" content="{author}">'
            f'<link rel="stylesheet" href="{sheet}">'
            f"<style>{style}\n{chr(10).join(self.styles + close)}</style>{loaded}</head>"
            f"<body>{self.tops(filled)}</body></html>"
        )

    def squeeze(self, pdf, pages):
        """Set closer what ends with a few lines on a page of their own, by a print and its numbers.

        What is close stays so: the numbers of pages must come to rest.
        """
        printed = PdfReader(pdf).pages
        begun = [(box, pages[place]) for box, place in self.begun if place in pages]
        ends = [first - 1 for _, first in begun[1:]] + [len(printed)]
        for (box, first), last in zip(begun, ends, strict=True):
            if last > first and len(printed[last - 1].extract_text()) < FEW:
                self.close.add(box)

    def tops(self, html):
        """Let a link to a page without a name lead to its first heading."""
        first = {}
        for _, _, place in self.contents:
            if place:
                first.setdefault(place.split("--")[0], place)
        return re.sub(r'#([^"]+)--top"', lambda m: f'#{first[m[1]]}"', html)

    def numbers(self, pdf):
        """Return on which page each place is, from a print."""
        found = {}
        reader = PdfReader(pdf)
        for name, place in reader.named_destinations.items():
            page = reader.get_destination_page_number(place)
            if page is not None and page >= 0:
                found[name.removeprefix("/")] = page + 1
        for _, _, place in self.contents:
            if place in found:
                found.setdefault(place.split("--")[0] + "--top", found[place])
        return found
