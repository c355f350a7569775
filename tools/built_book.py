"""What lectures and handouts take from the built book, by name: HTML as it was built.

A cell is named by its page, its section and some words of it, ``gates#the-forget-gate: 100 steps``.
A name that the book does not have is a `LookupError` that says what there is instead.
"""

import difflib
import html
import json
import re
from functools import cached_property

from bs4 import BeautifulSoup

# The comma or full stop after a formula, once as MathML and once as it is drawn.
SIGN = re.compile(
    r'<m[io] (?:separator="true"|mathvariant="normal")>[,.;]</m[io]>(?=</mrow><annotation)'
    r'|<span class="m(?:punct|ord)">[,.;]</span>(?=(?:</span>)*\s*$)'
)
KINDS = ["figure", "equation", "question", "code", "output", "table", "touch"]
LABELS = {"code": "Run it", "output": "Where it runs", "table": "Where it is made"}
LISTING = "Where it stands"  # code that no cell runs
# What a page's cells are among: sections by both of their names, input, what was printed.
TOKEN = re.compile(
    r'<section[^>]* id="(?P<section>[^"]+)"|<span id="(?P<label>[^"]+)"></span>'
    r'|<div class="highlight-(?P<lexer>ipython3|python) [^>]*>'
    r'(?P<code><div class="highlight">.*?</pre></div>)'
    r'|<div class="output stream[^>]*><div class="highlight">(?P<output><pre>.*?</pre>)'
    r'|<div class="pst-scrollable-table-container">(?P<table><table.*?</table>)'
    r"|<h(?P<level>[1-6])>(?P<title>.*?)</h(?P=level)>",
    re.DOTALL,
)


class Book:
    """The built pages, and what can be taken from them.

    Parameters
    ----------
    folder : pathlib.Path
        Where the chapters' pages lie.
    glued : pathlib.Path, optional
        Where the build keeps what cells glued; with figures drawn for a projector.
    """

    def __init__(self, folder, glued=None):
        self.pages = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.html"))}
        self.glued = glued

    def get(self, kind, name):
        """Return what is named; LookupError says what there is instead."""
        if kind not in KINDS:
            raise LookupError(f"expected {' or '.join(KINDS)} in braces, got {kind!r}.")
        if kind in LABELS:
            return self.cell(kind, name)
        found = getattr(self, kind if kind == "touch" else f"{kind}s")
        if name not in found:
            near = difflib.get_close_matches(name, found, 3, 0.5)
            there = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise LookupError(f"the built book has no {kind} {name!r}.{there}")
        return found[name]

    @cached_property
    def figures(self):
        """Every figure's picture, without the caption: a slide's own words say what to see."""
        found = self.find(r'<figure [^>]*id="([^"]+)"(.*?)</figure>')
        pictures = {name: re.search("<svg.*</svg>", text, re.DOTALL) for name, text in found}
        drawn = {name: svg[0] for name, svg in pictures.items() if svg}
        drawn |= {name: svg for name, svg in self.for_slides.items() if name in drawn}
        return {name: f'<div class="figure">{svg}</div>' for name, svg in drawn.items()}

    @cached_property
    def for_slides(self):
        """Figures as `lstm_book.show` draws them for a projector, by their directive's name."""
        found = {}
        for path in sorted(self.glued.glob("*.glue.json")) if self.glued else []:
            for name, output in json.loads(path.read_text("utf-8")).items():
                if svg := output["data"].get("image/svg+xml"):
                    found[f"fig-{name}"] = svg
        return found

    @cached_property
    def equations(self):
        """Every labelled equation, without its number and what ends the sentence it is part of."""
        found = self.find(r'id="equation-([^"]+)">\s*<span class="eqno">.*?</span>(.*?)</div>')
        found = [(name, SIGN.sub("", text)) for name, text in found]
        return {name: f'<div class="equation">{text}</div>' for name, text in found}

    @cached_property
    def questions(self):
        """Every question, as "gates: Why?", with its answer, which the speaker reveals."""
        found = {}
        for page, text in self.pages.items():
            section = re.search('<section id="questions">.*?</section>', text, re.DOTALL)
            for details in BeautifulSoup(section[0] if section else "", "html.parser")("details"):
                for link in details("a"):
                    link.unwrap()  # a deck is one file: links within the book would be lost
                question, answer = details.select_one(".sd-summary-text"), details.div
                found[f"{page}: {source(question)}"] = (
                    f'<div class="question">{question.decode_contents()}</div>'
                    f'<div class="answer fragment">{answer.decode_contents()}</div>'
                )
        return found

    @cached_property
    def touch(self):
        """Every picture one can touch, as "lstm-cell remember", with the data it brings."""
        found = self.find(r'(<(lstm-[a-z]+|gradient-lag)((?: \w+="[^"]*")*)>.*?</\2>)')
        return {" ".join([tag, *re.findall('"(.*?)"', given)]): text for text, tag, given in found}

    @cached_property
    def cells(self):
        """What cells read and wrote, by page: (kind, label, section's names, its title, HTML)."""
        found = {}
        for page, text in self.pages.items():
            names, title, labelled = [], "", False
            found[page] = []
            for token in TOKEN.finditer(text):
                if token["section"]:
                    names, labelled = [token["section"]], True
                elif token["label"]:
                    names = [*names, token["label"]] if labelled else names
                elif token["title"]:
                    labelled = False
                    number = r"<span[^>]*>\s*[\d.]+\s*</span>"
                    title = re.sub(rf'<a class="headerlink.*?</a>|{number}', "", token["title"])
                else:
                    kind = next(kind for kind in LABELS if token[kind])
                    label = LISTING if token["lexer"] == "python" else LABELS[kind]
                    found[page].append((kind, label, names, title, token[kind]))
        return found

    def cell(self, kind, name):
        """Return a cell's code, or what it wrote, with a link to where it runs.

        See `lines` for how some lines of it are named.
        """
        match = re.fullmatch(r"([\w-]+)#([\w-]+): (.+)", name)
        if not match:
            raise LookupError(f"expected {{{kind}}} page#section: words, got {name!r}.")
        page, section, words = match.groups()
        there = self.cells.get(page)
        if there is None:
            raise LookupError(f"the built book has no page {page!r}.")
        for what, label, names, title, text in there:
            said = plain(text)
            if (
                what == kind
                and section in names
                and all(w in said for w in re.split(" … (?:< )?", words))
            ):
                shown = unlinked(text) if kind == "table" else lines(text, words)
                link = f'<a class="run" href="../book/{page}.html#{section}">{title.strip()}</a>'
                note = f'<p class="where">{label}: {link}</p>'
                return f'<div class="{kind}">{shown}{note}</div>'
        if not any(section in names for _, _, names, _, _ in there):
            near = difflib.get_close_matches(section, {n for c in there for n in c[2]}, 3, 0.4)
            raise LookupError(f"{page!r} has no cell in section {section!r}. There are: {near}.")
        raise LookupError(f"no {kind} in {page}#{section} has the words {words!r}.")

    def find(self, pattern):
        """Return what the groups of a pattern match on all pages."""
        return [m for text in self.pages.values() for m in re.findall(pattern, text, re.DOTALL)]


def plain(text):
    """Return HTML's text."""
    return html.unescape(re.sub("<[^>]+>", "", text))


def unlinked(html):
    """Return HTML without its links and names: they lead to places that a deck has not."""
    return re.sub(r'</?a\b[^>]*>| id="[^"]*"', "", html)


def lines(block, words):
    """Return the lines that are named out of a block of code or of what was printed.

    ``first … last`` names lines by some words of the first and of the last, ``first … < next``
    those up to another, ``def …`` and ``class …`` a definition. Any other words name all of it.
    """
    head, pre, rest = re.fullmatch(r"(.*<pre>)(.*?)(</pre>.*)", block, re.DOTALL).groups()
    every = pre.split("\n")
    text = [plain(line) for line in every]
    first, _, last = words.partition(" … ")
    start = next((k for k, line in enumerate(text) if first in line), None)
    if start is None or not (last or words.startswith(("def ", "class "))):
        return block
    end = start + 1
    if last:
        there = last.removeprefix("< ")
        end = next(k for k in range(start, len(text)) if there in text[k]) + (there == last)
    else:
        while end < len(text) and not re.match(r"[^\s)]", text[end]):
            end += 1
    shown = "\n".join(every[start:end]).rstrip()
    indent = len(text[start]) - len(text[start].lstrip())
    if indent:
        shown = re.sub(
            rf"^(<span></span>|<span class=\"w\">)?[ ]{{{indent}}}", r"\1", shown, flags=re.M
        )
    return f"{head}{shown}\n{rest}"


def source(element):
    """Return the Markdown that a question was written in."""
    element = BeautifulSoup(str(element), "html.parser")
    for formula in element.select(".katex"):
        formula.replace_with(f"${formula.annotation.get_text()}$")
    for code in element("code"):
        code.replace_with(f"`{code.get_text()}`")
    typed = str.maketrans("‘’“”", "''\"\"")  # Sphinx sets the quotes
    return " ".join(element.get_text().translate(typed).split())
